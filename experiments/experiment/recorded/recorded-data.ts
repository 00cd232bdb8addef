/** Real recordings of one network, divided into members. */
export interface RecordedData {
  readonly kind: 'lanl2015' | 'optc';
  readonly title: string;
  /** Authentications: a file or a folder. */
  readonly events: GivenFile;
  readonly redteam: GivenFile;
  readonly partition: HostPartition;
  /** Milliseconds on the clock of the events: earlier ones train. */
  readonly trainUntil: number;
  /** Nothing from here on is read. */
  readonly until: number;
}

/** How hosts become members. */
export type HostPartition =
  | { readonly kind: 'balanced'; readonly members: number }
  | {
      readonly kind: 'blocks';
      readonly blocks: GivenFile;
      readonly side: 'bottom' | 'top';
      /** Names of addresses, where blocks name addresses. */
      readonly addresses: GivenFile | null;
    };

/** A file of the person who runs the experiment; where it is says nothing about what it is. */
export interface GivenFile {
  readonly path: string;
  readonly isFile: boolean;
  /** Of the file, or of all files of the folder. */
  readonly bytes: number;
}
