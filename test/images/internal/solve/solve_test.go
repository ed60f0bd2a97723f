package solve_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
	"github.com/ingress2gw/ingress2gw/test/images/internal/recipe"
	"github.com/ingress2gw/ingress2gw/test/images/internal/solve"
	"github.com/ingress2gw/ingress2gw/test/images/internal/standin"
)

func TestMain(m *testing.M) {
	inside.Become()
	os.Exit(m.Run())
}

// Two images of a repository have steps in common; each sees what its own have left, and neither what is ignored.
func TestStepsAreCarriedOutAsWritten(t *testing.T) {
	repository, ctx := t.TempDir(), t.Context()
	for name, text := range map[string]string{
		".dockerignore": "/bin\n**/*.secret\n", "bin/program": "", "a.txt": "a", "deep/b.txt": "b", "deep/c.secret": "c", "deep/bin/kept": "",
		"one/Dockerfile": dockerfile("one"), "two/Dockerfile": dockerfile("two"),
	} {
		path := filepath.Join(repository, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	bases, err := standin.Local()
	require.NoError(t, err)
	var log bytes.Buffer
	b := &solve.Builder{Repository: repository, Bases: bases, Work: t.TempDir(), Log: &log}
	const files = "./.dockerignore\n./a.txt\n./common\n./deep/b.txt\n./deep/bin/kept\n./one/Dockerfile\n./two/Dockerfile\n"
	for name, want := range map[string]string{
		"one": "one for s390x in /src\n" + files,
		"two": "two for s390x in /src\n" + files,
	} {
		got, err := os.ReadFile(filepath.Join(root(t, ctx, b, name), "list", "files"))
		require.NoError(t, err)
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if n := strings.Count(log.String(), "> common"); n != 1 {
		t.Errorf("what both do was done %d times:\n%s", n, log.String())
	}
}

func dockerfile(name string) string {
	return "FROM --platform=$BUILDPLATFORM golang:" + strings.TrimPrefix(runtime.Version(), "go") + ` AS build
WORKDIR /src
COPY . .
RUN test "$(id -u) $(cat a.txt)" = "0 a" && echo > common
ARG TARGETARCH NAME=` + name + `
RUN test ! -e ../files && echo "$NAME for $TARGETARCH in $(pwd)" > ../files && find . -type f | LC_ALL=C sort >> ../files

FROM gcr.io/distroless/static:nonroot
COPY --from=build /files /list/
`
}

func root(t *testing.T, ctx context.Context, b *solve.Builder, name string) string {
	t.Helper()
	local := ocispecs.Platform{OS: runtime.GOOS, Architecture: runtime.GOARCH}
	r, err := recipe.Read(ctx, b.Repository, name+"/Dockerfile", local, ocispecs.Platform{OS: "linux", Architecture: "s390x"}, nil, b.Bases)
	require.NoError(t, err)
	require.Empty(t, r.Warnings)
	dir, err := b.Run(ctx, r.Steps)
	require.NoError(t, err, "%s", b.Log)
	return dir
}
