package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

// entrypoints are what images run.
var entrypoints = map[string][]string{"/operator": {"/operator"}, "/basic-auth": {"/basic-auth"}, "/ingress2gw": {"/ingress2gw", "fn"}}

// An image is its base with one program, which runs without any right. It is for the platform that was asked for.
func TestAnImageIsOneProgram(t *testing.T) {
	for name, i := range built(t) {
		t.Run(name, func(t *testing.T) {
			want := ocispecs.Image{
				Platform: ocispecs.Platform{OS: "linux", Architecture: i.Architecture},
				Config: ocispecs.ImageConfig{
					User: "65532:65532", Entrypoint: entrypoints[i.Program], WorkingDir: "/home/nonroot",
					Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"},
				},
			}
			if diff := cmp.Diff(want, i.config); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var files []string
			require.NoError(t, filepath.WalkDir(i.root(), func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					files = append(files, strings.TrimPrefix(path, i.root()))
				}
				return err
			}))
			files = slices.DeleteFunc(files, func(f string) bool { return f == "/etc/passwd" || f == "/etc/group" })
			if diff := cmp.Diff([]string{i.Program}, files); diff != "" {
				t.Errorf("beside its base (-want +got):\n%s", diff)
			}
			info, err := os.Stat(filepath.Join(i.root(), i.Program))
			require.NoError(t, err)
			if info.Mode() != 0o755 {
				t.Errorf("the program has mode %v", info.Mode())
			}
		})
	}
}

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// A program needs nothing of its base: no loader, no library. Nothing in it tells where it was built.
func TestProgramsAreStatic(t *testing.T) {
	for name, i := range built(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(i.root(), i.Program)
			f, err := elf.Open(path)
			require.NoError(t, err)
			defer f.Close()
			if f.Machine != machines[i.Architecture] {
				t.Errorf("it is for %v", f.Machine)
			}
			for _, p := range f.Progs {
				if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
					t.Errorf("it has a segment %v", p.Type)
				}
			}
			if f.Section(".symtab") != nil || f.Section(".debug_info") != nil || f.Section(".zdebug_info") != nil {
				t.Error("it is not stripped")
			}
			info, err := buildinfo.ReadFile(path)
			require.NoError(t, err)
			settings := map[string]string{}
			for _, s := range info.Settings {
				settings[s.Key] = s.Value
			}
			for key, want := range map[string]string{"-trimpath": "true", "CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": i.Architecture} {
				if settings[key] != want {
					t.Errorf("%s is %q, want %q", key, settings[key], want)
				}
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, where := range []string{"/go/pkg/mod/", "/src/operator/", "/src/internal/"} {
				if bytes.Contains(text, []byte(where)) {
					t.Errorf("it tells of %s", where)
				}
			}
		})
	}
}

// Versions are what --build-arg says, or else those of the checkout that was built.
func TestProgramsSayTheirVersion(t *testing.T) {
	images := built(t)
	plain := images["operator-"+runtime.GOARCH]
	info, err := buildinfo.ReadFile(filepath.Join(plain.root(), plain.Program))
	require.NoError(t, err)
	revision, changed := checkout(t)
	got := ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			got = s.Value
		}
	}
	if got != revision || strings.HasSuffix(info.Main.Version, "+dirty") != changed {
		t.Errorf("it is %s of %q, want it of %q, changed %v", info.Main.Version, got, revision, changed)
	}
	for name, tt := range map[string]struct{ args, want string }{
		plain.Name:             {"/operator --version", info.Main.Version},
		"operator-version":     {"/operator --version", given},
		"fn-version":           {"/ingress2gw version", given},
		"fn-" + runtime.GOARCH: {"/ingress2gw version", "dev"},
	} {
		out := runs(t, images[name], nil, strings.Fields(tt.args)...)
		if !slices.Contains(strings.Fields(out), tt.want) {
			t.Errorf("%s says %q, want %s", name, out, tt.want)
		}
	}
}

// checkout is the commit that a builder sees, and whether files differ from it. It sees none of a linked worktree,
// whose .git is a file, and of sources without one.
func checkout(t *testing.T) (revision string, dirty bool) {
	t.Helper()
	if info, err := os.Stat("../../.git"); err != nil || !info.IsDir() {
		return "", false
	}
	git := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", "../.."}, args...)...).Output()
		require.NoError(t, err)
		return strings.TrimSpace(string(out))
	}
	return git("rev-parse", "HEAD"), git("status", "--porcelain") != ""
}
