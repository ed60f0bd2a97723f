package load

import (
	"bytes"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/fleet"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func fleetOf(tb testing.TB, o fleet.Options) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, fleet.Write(&b, o))
	return b.Bytes()
}

// cpu is the CPU time this process has used, garbage collection included.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// decodeTyped is what loading is compared with: every document into its Kubernetes type, as most tools do it.
func decodeTyped(b *testing.B, data []byte) (ingresses []*netv1.Ingress, services []*corev1.Service) {
	b.Helper()
	for doc := range bytes.SplitSeq(data, []byte("\n---\n")) {
		if bytes.Contains(doc, []byte("kind: Ingress")) {
			in := &netv1.Ingress{}
			require.NoError(b, yaml.Unmarshal(doc, in))
			ingresses = append(ingresses, in)
			continue
		}
		s := &corev1.Service{}
		require.NoError(b, yaml.Unmarshal(doc, s))
		services = append(services, s)
	}
	return ingresses, services
}

// BenchmarkLoad loads 10,000 Ingresses with their Services and decodes the same documents the usual way, in one run: the
// share is the CPU time of the first in that of the second.
func BenchmarkLoad(b *testing.B) {
	for _, p := range []fleet.Profile{fleet.Plain, fleet.Light, fleet.Heavy} {
		data := fleetOf(b, fleet.Options{Ingresses: 10000, Profile: p, TLS: true})
		b.Run(string(p), func(b *testing.B) {
			var load, decode time.Duration
			var s *snapshot.Snapshot
			for b.Loop() {
				runtime.GC()
				begin := cpu(b)
				s = snapshot.New()
				Bytes("fleet.yaml", data, s)
				load += cpu(b) - begin

				runtime.GC()
				begin = cpu(b)
				ingresses, services := decodeTyped(b, data)
				decode += cpu(b) - begin
				if len(ingresses) != len(s.Ingresses) || len(services) != len(s.Services) {
					b.Fatalf("loaded %d Ingresses and %d Services of %d and %d", len(s.Ingresses), len(s.Services), len(ingresses), len(services))
				}
			}
			b.ReportMetric(load.Seconds()/float64(b.N), "load-s/op")
			b.ReportMetric(decode.Seconds()/float64(b.N), "decode-s/op")
			b.ReportMetric(load.Seconds()/decode.Seconds(), "share")
			b.ReportMetric(heapOf(s), "snapshot-MiB")
		})
	}
}

// BenchmarkFormats loads the same 10,000 Ingresses from each way to write them.
func BenchmarkFormats(b *testing.B) {
	for _, f := range []fleet.Format{fleet.Documents, fleet.YAMLList, fleet.JSONList} {
		data := fleetOf(b, fleet.Options{Ingresses: 10000, Profile: fleet.Light, Format: f, TLS: true})
		b.Run(string(f), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				s := snapshot.New()
				Bytes("fleet", data, s)
				if s.Read != 10000 || s.Failed != 0 {
					b.Fatalf("read %d, failed %d", s.Read, s.Failed)
				}
			}
		})
	}
}

// heapOf is about how much memory a snapshot holds, in MiB: what is freed with it.
func heapOf(s *snapshot.Snapshot) float64 {
	var with, without runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&with)
	*s = snapshot.Snapshot{}
	runtime.GC()
	runtime.ReadMemStats(&without)
	return (float64(with.HeapAlloc) - float64(without.HeapAlloc)) / (1 << 20)
}

func TestFleetLoadsAlikeInEveryFormat(t *testing.T) {
	var contents []string
	for _, f := range []fleet.Format{fleet.Documents, fleet.YAMLList, fleet.JSONList} {
		s := snapshot.New()
		Bytes("fleet", fleetOf(t, fleet.Options{Ingresses: 50, Profile: fleet.Heavy, Format: f, TLS: true, HostsPerNamespace: 2, Paths: 3}), s)
		require.Zero(t, s.Findings.Len())
		var b strings.Builder
		for _, in := range s.Ingresses {
			b.WriteString(in.Name + contentOf(in) + "\n")
		}
		contents = append(contents, b.String())
	}
	for i, c := range contents[1:] {
		if c != contents[0] {
			t.Errorf("format %d holds something else:\n%s\n%s", i+1, contents[0], c)
		}
	}
	if got := strings.Count(contents[0], "\n"); got != 50 {
		t.Errorf("read %d Ingresses of 50", got)
	}
}
