// Lattigo's multiparty BGV, all of three members: joint public key, encryption, addition, collective decryption.
//
// Arguments as those of the Python peers; prints one JSON object with rows of the bench's shape.
package main

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"

	"github.com/tuneinsight/lattigo/v6/core/rlwe"
	"github.com/tuneinsight/lattigo/v6/multiparty"
	"github.com/tuneinsight/lattigo/v6/ring"
	"github.com/tuneinsight/lattigo/v6/schemes/bgv"
	"github.com/tuneinsight/lattigo/v6/utils/sampling"
)

// Two values a slot, as in the other integer schemes.
const shift = 29

// 58 bits, prime, 1 modulo 2 * 8192.
const plainModulus = 288230376150876161

// Standard deviation of the noise that hides a member's key in its partial decryption: 2^40 over that of an encryption.
const smudging = 3.2 * (1 << 40)

type row struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Runs   int     `json:"runs"`
	Note   string  `json:"note"`
}

func main() {
	path := flag.String("vectors", "", "members x length values, unsigned 32 bits, little-endian")
	length := flag.Int("length", 0, "values in a vector")
	members := flag.Int("members", 3, "vectors in the file")
	runs := flag.Int("runs", 5, "runs that count")
	flag.Parse()

	vectors := read(*path, *length, *members)
	scheme := newScheme(*members)
	words := make([][]uint64, *members)
	for i, vector := range vectors {
		words[i] = pack(vector)
	}
	uploads := make([][]*rlwe.Ciphertext, *members)
	for i := range uploads {
		uploads[i] = scheme.encrypt(words[i])
	}

	var encryptMs, addMs, openMs []float64
	for run := range *runs + 1 {
		var upload []*rlwe.Ciphertext
		encrypted := spent(func() { upload = scheme.encrypt(words[0]) })
		total := scheme.sum(uploads[1:])
		added := spent(func() { scheme.add(total, upload) })
		var opened []uint64
		decrypted := spent(func() { opened = scheme.open(total, len(words[0])) })
		check(unpack(opened, *length), vectors)
		if run > 0 { // the first does not count
			encryptMs, addMs, openMs = append(encryptMs, encrypted), append(addMs, added), append(openMs, decrypted)
		}
	}

	note := fmt.Sprintf("Lattigo %s (Apache-2.0, Go), multiparty BGV of %d members, all of them needed, N 8192, primes {60,60}, "+
		"plain modulus 58 bits, two values a slot, smudging 2^40; opening is the work of all members together; "+
		"ciphertexts stay in memory, without (de)serialisation", version(), *members)
	size := float64(len(uploads[0])*uploads[0][0].BinarySize()) / 1e6
	print([]row{
		summary("lattigo.bgv_encrypt_ms", "ms", encryptMs, note),
		summary("lattigo.bgv_add_ms", "ms", addMs, note),
		summary("lattigo.bgv_open_ms", "ms", openMs, note),
		summary("lattigo.bgv_mb", "mb", []float64{size}, note),
	})
}

type scheme struct {
	parameters bgv.Parameters
	encoder    *bgv.Encoder
	encryptor  *rlwe.Encryptor
	evaluator  *bgv.Evaluator
	secrets    []*rlwe.SecretKey
	switching  multiparty.KeySwitchProtocol
}

func newScheme(members int) *scheme {
	parameters := must(bgv.NewParametersFromLiteral(bgv.ParametersLiteral{
		LogN: 13, LogQ: []int{60, 60}, PlaintextModulus: plainModulus,
	}))
	generator := rlwe.NewKeyGenerator(parameters)
	protocol := multiparty.NewPublicKeyGenProtocol(parameters)
	common := protocol.SampleCRP(must(sampling.NewPRNG()))
	joint := protocol.AllocateShare()
	secrets := make([]*rlwe.SecretKey, members)
	for i := range secrets {
		secrets[i] = generator.GenSecretKeyNew()
		share := protocol.AllocateShare()
		protocol.GenShare(secrets[i], common, &share)
		if i == 0 {
			joint = share
		} else {
			protocol.AggregateShares(joint, share, &joint)
		}
	}
	public := rlwe.NewPublicKey(parameters)
	protocol.GenPublicKey(joint, common, public)
	switching := must(multiparty.NewKeySwitchProtocol(parameters,
		ring.DiscreteGaussian{Sigma: smudging, Bound: 6 * smudging}))
	return &scheme{
		parameters: parameters,
		encoder:    bgv.NewEncoder(parameters),
		encryptor:  rlwe.NewEncryptor(parameters, public),
		evaluator:  bgv.NewEvaluator(parameters, nil),
		secrets:    secrets,
		switching:  switching,
	}
}

func (s *scheme) encrypt(words []uint64) []*rlwe.Ciphertext {
	slots := s.parameters.MaxSlots()
	plaintext := bgv.NewPlaintext(s.parameters, s.parameters.MaxLevel())
	var upload []*rlwe.Ciphertext
	for part := range slices.Chunk(words, slots) {
		require(s.encoder.Encode(part, plaintext))
		upload = append(upload, must(s.encryptor.EncryptNew(plaintext)))
	}
	return upload
}

func (s *scheme) sum(uploads [][]*rlwe.Ciphertext) []*rlwe.Ciphertext {
	total := make([]*rlwe.Ciphertext, len(uploads[0]))
	for i, ciphertext := range uploads[0] {
		total[i] = ciphertext.CopyNew()
	}
	for _, upload := range uploads[1:] {
		s.add(total, upload)
	}
	return total
}

func (s *scheme) add(total, upload []*rlwe.Ciphertext) {
	for i, ciphertext := range upload {
		require(s.evaluator.Add(total[i], ciphertext, total[i]))
	}
}

// open has every member make its share of the decryption, adds the shares and decodes.
func (s *scheme) open(total []*rlwe.Ciphertext, length int) []uint64 {
	zero := rlwe.NewSecretKey(s.parameters)
	decryptor := rlwe.NewDecryptor(s.parameters, zero)
	slots := s.parameters.MaxSlots()
	opened := make([]uint64, 0, len(total)*slots)
	part := make([]uint64, slots)
	for _, ciphertext := range total {
		combined := s.switching.AllocateShare(ciphertext.Level())
		share := s.switching.AllocateShare(ciphertext.Level())
		for i, secret := range s.secrets {
			s.switching.GenShare(secret, zero, ciphertext, &share)
			if i == 0 {
				combined.Value.Copy(share.Value)
			} else {
				require(s.switching.AggregateShares(combined, share, &combined))
			}
		}
		switched := bgv.NewCiphertext(s.parameters, 1, ciphertext.Level())
		s.switching.KeySwitch(ciphertext, combined, switched)
		require(s.encoder.Decode(decryptor.DecryptNew(switched), part))
		opened = append(opened, part...)
	}
	return opened[:length]
}

func pack(values []uint32) []uint64 {
	words := make([]uint64, (len(values)+1)/2)
	for i, value := range values {
		words[i/2] |= uint64(value) << (shift * (i % 2))
	}
	return words
}

func unpack(words []uint64, length int) []uint64 {
	values := make([]uint64, length)
	for i := range values {
		values[i] = words[i/2] >> (shift * (i % 2)) & (1<<shift - 1)
	}
	return values
}

func check(opened []uint64, vectors [][]uint32) {
	for i, value := range opened {
		var expected uint64
		for _, vector := range vectors {
			expected += uint64(vector[i])
		}
		if value != expected {
			log.Fatalf("lattigo: the opened sum is %d instead of %d at %d", value, expected, i)
		}
	}
}

func read(path string, length, members int) [][]uint32 {
	bytes := must(os.ReadFile(path))
	vectors := make([][]uint32, members)
	for m := range vectors {
		vectors[m] = make([]uint32, length)
		for i := range vectors[m] {
			vectors[m][i] = binary.LittleEndian.Uint32(bytes[4*(m*length+i):])
		}
	}
	return vectors
}

// spent is the processor time of the whole process in milliseconds.
func spent(work func()) float64 {
	before := cpu()
	work()
	return cpu() - before
}

func cpu() float64 {
	var usage syscall.Rusage
	require(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func summary(name, unit string, samples []float64, note string) row {
	sorted := slices.Sorted(slices.Values(samples))
	n := len(sorted)
	median := (sorted[(n-1)/2] + sorted[n/2]) / 2
	return row{name, unit, significant(median), significant(sorted[0]), significant(sorted[n-1]), n, note}
}

func significant(value float64) float64 {
	if value == 0 || math.IsInf(value, 0) {
		return 0
	}
	return must(strconv.ParseFloat(strconv.FormatFloat(value, 'g', 5, 64), 64))
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/tuneinsight/lattigo/v6" {
				return module.Version
			}
		}
	}
	return "v6"
}

func print(rows []row) {
	require(json.NewEncoder(os.Stdout).Encode(map[string]any{"rows": rows, "skipped": []any{}}))
}

func must[T any](value T, err error) T {
	require(err)
	return value
}

func require(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
