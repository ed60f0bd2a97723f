package dist

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// release makes a release without compiling.
func release(t *testing.T, version string, platforms []Platform) string {
	t.Helper()
	out := t.TempDir()
	build := func(_ context.Context, o Options, p Platform, out string) error {
		return os.WriteFile(out, []byte("program "+o.Version+" "+p.String()), 0o755)
	}
	require.NoError(t, Run(t.Context(), Options{Version: version, Root: root, Out: out, Platforms: platforms, Build: build}))
	return out
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)
	return data
}

func TestARelease(t *testing.T) {
	out := release(t, "v1.2.3", Platforms())
	require.NoError(t, CheckManifest(read(t, out, "ingress2gw.yaml"), "v1.2.3"))

	sums := string(read(t, out, "ingress2gw_v1.2.3_checksums.txt"))
	for _, p := range Platforms() {
		data := read(t, out, p.archive("v1.2.3"))
		sum := sha256.Sum256(data)
		line := hex.EncodeToString(sum[:]) + "  " + p.archive("v1.2.3") + "\n"
		if !strings.Contains(sums, line) {
			t.Errorf("sums lack %s", line)
		}
		if !strings.Contains(string(read(t, out, "ingress2gw.yaml")), hex.EncodeToString(sum[:])) {
			t.Errorf("the manifest lacks the sum for %s", p)
		}
		want := map[string]string{p.program(): "program v1.2.3 " + p.String(), "LICENSE": string(read(t, root, "LICENSE")), "NOTICE": string(read(t, root, "NOTICE"))}
		if d := cmp.Diff(want, unpack(t, p, data)); d != "" {
			t.Errorf("%s: %s", p, d)
		}
	}
}

func unpack(t *testing.T, p Platform, data []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	if p.OS == "windows" {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err)
		for _, f := range z.File {
			r, err := f.Open()
			require.NoError(t, err)
			content, err := io.ReadAll(r)
			require.NoError(t, err)
			out[f.Name] = string(content)
		}
		return out
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		out[h.Name] = string(content)
		if executable := h.Mode&0o111 != 0; executable != (h.Name == "ingress2gw") {
			t.Errorf("%s has mode %o", h.Name, h.Mode)
		}
	}
}

func TestTheSameSourceGivesTheSameBytes(t *testing.T) {
	a, b := release(t, "v1.2.3", Platforms()), release(t, "v1.2.3", Platforms())
	for _, p := range Platforms() {
		if !bytes.Equal(read(t, a, p.archive("v1.2.3")), read(t, b, p.archive("v1.2.3"))) {
			t.Errorf("%s differs", p)
		}
	}
}

func TestSomePlatformsAreNoPlugin(t *testing.T) {
	out := release(t, "abc1234-dirty", []Platform{{"linux", "amd64"}})
	require.FileExists(t, filepath.Join(out, "ingress2gw_v0.0.0-gabc1234-dirty_linux_amd64.tar.gz"))
	require.NoFileExists(t, filepath.Join(out, "ingress2gw.yaml"))
}

func TestVersions(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3": "v1.2.3", "v1.2.3-rc.1": "v1.2.3-rc.1", "v1.2.3-4-gabc1234": "v1.2.3-4-gabc1234", "0123456": "v0.0.0-g0123456",
		"v1.2": "v0.0.0-gv1-2", "v01.2.3": "v0.0.0-gv01-2-3", "dev": "v0.0.0-gdev", "a/b c": "v0.0.0-ga-b-c",
	} {
		if got := Semantic(version); got != want {
			t.Errorf("%s: %s, not %s", version, got, want)
		}
	}
}

func TestPlatformsOfTheCommandLine(t *testing.T) {
	got, err := ParsePlatforms("linux/arm64,windows/amd64")
	require.NoError(t, err)
	if d := cmp.Diff([]Platform{{"linux", "arm64"}, {"windows", "amd64"}}, got); d != "" {
		t.Error(d)
	}
	_, err = ParsePlatforms("plan9/amd64")
	require.ErrorContains(t, err, `"plan9/amd64" is not one of`)
}

func TestKrewRefusesWhatItMust(t *testing.T) {
	good := string(read(t, release(t, "v1.2.3", Platforms()), "ingress2gw.yaml"))
	for name, c := range map[string]struct{ old, fresh, want string }{
		"another API version":       {"v1alpha2", "v1", "is no Plugin"},
		"a field it does not know":  {"  homepage:", "  website: x\n  homepage:", "website"},
		"another name":              {"name: ingress2gw", "name: Ingress2gw", `named "Ingress2gw"`},
		"no short description":      {"shortDescription: Convert Ingresses to Istio", "shortDescription: ''", "one line of at most 50"},
		"a long short description":  {"Convert Ingresses to Istio", strings.Repeat("x", 51), "one line of at most 50"},
		"a version without v":       {"version: v1.2.3", "version: 1.2.3", `the version is "1.2.3"`},
		"another version":           {"version: v1.2.3", "version: v1.2.4", `the version is "v1.2.4"`},
		"an address without TLS":    {"uri: https:", "uri: http:", "is not an https address"},
		"an address of another one": {"linux_amd64.tar.gz", "linux_arm64.tar.gz", "is not an https address of ingress2gw_v1.2.3_linux_amd64.tar.gz"},
		"no program":                {"bin: ingress2gw.exe", "bin: ingress2gw", "the program is"},
		"a label it does not know":  {"os: linux", "os: linux\n        libc: musl", "must be of os and arch"},
		"a platform twice":          {"os: darwin", "os: linux", ""},
		"a platform less":           {"arch: arm64", "arch: riscv64", ""},
		"files from nowhere":        {"bin: ingress2gw\n", "bin: ingress2gw\n    files: [{from: a}]\n", "must be of from and to"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, c.old)
			err := CheckManifest([]byte(strings.Replace(good, c.old, c.fresh, 1)), "v1.2.3")
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := FillManifest(read(t, root, "deploy/krew/ingress2gw.yaml"), "v1.2.3", nil)
	require.ErrorContains(t, err, `"SHA256_LINUX_AMD64" is no SHA-256 sum`)
}
