package bench

import (
	"io"
	"testing"

	"github.com/ingress2gw/ingress2gw/internal/fleet"
)

func fleetFile(b *testing.B, o fleet.Options) string {
	return file(b, "fleet.yaml", func(w io.Writer) error { return fleet.Write(w, o) })
}

// inputs are the files of a fleet, with the settings that heavy Ingresses need, and the arguments that name those.
func inputs(b *testing.B, o fleet.Options) (files, args []string) {
	files = []string{fleetFile(b, o)}
	if o.Profile == fleet.Heavy {
		files = append(files, file(b, "settings.yaml", func(w io.Writer) error { _, err := io.WriteString(w, heavySettings); return err }))
		args = []string{"--controller-config", "ingress-nginx/ingress-nginx-controller"}
	}
	return files, args
}

// BenchmarkConvert converts 10,000 Ingresses with their Services to /dev/null, and decodes the same file: cpu-ratio and
// wall-ratio are the time of the first in that of the second.
func BenchmarkConvert(b *testing.B) {
	for _, bb := range []struct {
		name  string
		fleet fleet.Options
	}{
		{"plain", fleet.Options{Profile: fleet.Plain}},
		{"plain-tls", fleet.Options{Profile: fleet.Plain, TLS: true}},
		{"light", fleet.Options{Profile: fleet.Light}},
		{"light-tls", fleet.Options{Profile: fleet.Light, TLS: true}},
		{"heavy", fleet.Options{Profile: fleet.Heavy}},
		{"shared-hosts", fleet.Options{Profile: fleet.Plain, HostsPerNamespace: 50}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			bb.fleet.Ingresses = 10000
			files, args := inputs(b, bb.fleet)
			var ours, base usage
			for b.Loop() {
				ours.add(convert(b, args, files...))
				base.add(run(b, "baseline", files[0]))
			}
			ours.report(b, base)
		})
	}
}

// BenchmarkRefused is the heavy fleet under the controller's defaults, which drop every Ingress with a snippet.
func BenchmarkRefused(b *testing.B) {
	path := fleetFile(b, fleet.Options{Ingresses: 10000, Profile: fleet.Heavy})
	var ours, base usage
	for b.Loop() {
		ours.add(convert(b, nil, path))
		base.add(run(b, "baseline", path))
	}
	ours.report(b, base)
}

func (u *usage) add(v usage) {
	u.cpu += v.cpu
	u.wall += v.wall
	u.peak = max(u.peak, v.peak)
	u.errors = max(u.errors, v.errors)
	u.output = max(u.output, v.output)
}

func (u *usage) report(b *testing.B, base usage) {
	b.ReportMetric(u.cpu.Seconds()/base.cpu.Seconds(), "cpu-ratio")
	b.ReportMetric(u.wall.Seconds()/base.wall.Seconds(), "wall-ratio")
	b.ReportMetric(u.cpu.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(mebibytes(u.peak), "peak-MiB")
	b.ReportMetric(0, "ns/op") // the baseline is in it
}

// BenchmarkLinear converts 1,000 and 10,000 Ingresses: growth is the CPU time of the second in that of the first, start-up
// left out.
func BenchmarkLinear(b *testing.B) {
	for _, p := range []fleet.Profile{fleet.Plain, fleet.Light} {
		b.Run(string(p), func(b *testing.B) {
			empty := file(b, "none.yaml", func(w io.Writer) error { return onePath(w, 1) })
			few := fleetFile(b, fleet.Options{Ingresses: 1000, Profile: p, TLS: true})
			many := fleetFile(b, fleet.Options{Ingresses: 10000, Profile: p, TLS: true})
			var start, small, large usage
			for b.Loop() {
				for range 3 {
					start.add(convert(b, nil, empty))
					small.add(convert(b, nil, few))
				}
				large.add(convert(b, nil, many))
			}
			b.ReportMetric((large.cpu-start.cpu/3).Seconds()/((small.cpu-start.cpu)/3).Seconds(), "growth")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkOnePath converts 4,000 Ingresses that all want one path of one host.
func BenchmarkOnePath(b *testing.B) {
	path := file(b, "one.yaml", func(w io.Writer) error { return onePath(w, 4000) })
	var ours, base usage
	for b.Loop() {
		ours.add(convert(b, nil, path))
		base.add(run(b, "baseline", path))
	}
	ours.report(b, base)
}

// BenchmarkReport reports on 10,000 heavy Ingresses in each format: cpu-ratio and peak-ratio are those of the report in those of
// converting the same Ingresses to /dev/null.
func BenchmarkReport(b *testing.B) {
	files, args := inputs(b, fleet.Options{Ingresses: 10000, Profile: fleet.Heavy})
	base := convert(b, args, files...)
	for _, format := range []string{"text", "table", "json", "yaml", "markdown", "html", "sarif", "junit"} {
		b.Run(format, func(b *testing.B) {
			words := append([]string{"report", "-o", format, "--fail-on", "never"}, args...)
			for _, f := range files {
				words = append(words, "-f", f)
			}
			var u usage
			for b.Loop() {
				u.add(run(b, "report", words...))
			}
			b.ReportMetric(mebibytes(u.output), "MiB")
			b.ReportMetric(u.cpu.Seconds()/float64(b.N)/base.cpu.Seconds(), "cpu-ratio")
			b.ReportMetric(float64(u.peak)/float64(base.peak), "peak-ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
