// Package dist makes what a release consists of: an archive for each platform, their sums, and the plugin manifest for krew.
// The same source and version give the same bytes.
package dist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Platform is an operating system and an architecture, in Go's words.
type Platform struct{ OS, Arch string }

// Platforms lists those that are released.
func Platforms() []Platform {
	return []Platform{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"}}
}

// String is "os/arch".
func (p Platform) String() string { return p.OS + "/" + p.Arch }

// program is the name of the binary.
func (p Platform) program() string {
	if p.OS == "windows" {
		return "ingress2gw.exe"
	}
	return "ingress2gw"
}

// archive is the name of the archive of a version.
func (p Platform) archive(version string) string {
	ending := ".tar.gz"
	if p.OS == "windows" {
		ending = ".zip"
	}
	return fmt.Sprintf("ingress2gw_%s_%s_%s%s", version, p.OS, p.Arch, ending)
}

// ParsePlatforms reads a list as in "linux/amd64,darwin/arm64"; "" means all.
func ParsePlatforms(s string) ([]Platform, error) {
	if s == "" {
		return Platforms(), nil
	}
	var out []Platform
	for word := range strings.SplitSeq(s, ",") {
		system, arch, _ := strings.Cut(word, "/")
		if p := (Platform{system, arch}); slices.Contains(Platforms(), p) {
			out = append(out, p)
			continue
		}
		return nil, fmt.Errorf("%q is not one of %v", word, Platforms())
	}
	return out, nil
}

// Options say what to make.
type Options struct {
	Version   string // as git describes it
	Root      string // of the source
	Out       string // folder
	Platforms []Platform
	Build     func(ctx context.Context, o Options, p Platform, out string) error // GoBuild, but for tests
}

var (
	released = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)
	unfit    = regexp.MustCompile(`[^0-9A-Za-z-]+`)
)

// Semantic makes a version that krew takes: that of a tag as it is, anything else as v0.0.0-gDESCRIPTION.
func Semantic(version string) string {
	if released.MatchString(version) {
		return version
	}
	return "v0.0.0-g" + unfit.ReplaceAllString(version, "-")
}

// Run makes the release. The manifest for krew is written only if all platforms are there.
func Run(ctx context.Context, o Options) error {
	o.Version = Semantic(o.Version)
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return err
	}
	sums := map[Platform]string{}
	var lines []string
	for _, p := range o.Platforms {
		sum, err := o.platform(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		sums[p] = sum
		lines = append(lines, sum+"  "+p.archive(o.Version)+"\n")
	}
	slices.Sort(lines)
	sumsFile := filepath.Join(o.Out, fmt.Sprintf("ingress2gw_%s_checksums.txt", o.Version))
	if err := os.WriteFile(sumsFile, []byte(strings.Join(lines, "")), 0o644); err != nil {
		return err
	}
	if len(sums) < len(Platforms()) {
		return nil
	}
	template, err := os.ReadFile(filepath.Join(o.Root, "deploy", "krew", "ingress2gw.yaml"))
	if err != nil {
		return err
	}
	manifest, err := FillManifest(template, o.Version, sums)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.Out, "ingress2gw.yaml"), manifest, 0o644)
}

// platform builds and packs for one platform, and gives the sum of the archive.
func (o Options) platform(ctx context.Context, p Platform) (string, error) {
	binary := filepath.Join(o.Out, "bin", p.OS+"_"+p.Arch, p.program())
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return "", err
	}
	if err := o.Build(ctx, o, p, binary); err != nil {
		return "", err
	}
	files := []file{{p.program(), binary, 0o755}}
	for _, name := range [...]string{"LICENSE", "NOTICE"} {
		files = append(files, file{name, filepath.Join(o.Root, name), 0o644})
	}
	data, err := pack(files, p.OS == "windows")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), os.WriteFile(filepath.Join(o.Out, p.archive(o.Version)), data, 0o644)
}

// GoBuild builds the program for a platform.
func GoBuild(ctx context.Context, o Options, p Platform, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+o.Version, "-o", out, "./cmd/ingress2gw")
	cmd.Dir = o.Root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.OS, "GOARCH="+p.Arch, "GOFLAGS=")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
