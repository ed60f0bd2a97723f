package operator

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An image is built for every platform on this one, holds one static program, and runs it as the user that the Deployments name.
func TestImages(t *testing.T) {
	module, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))[1]
	build := regexp.MustCompile(`(?m)^RUN CGO_ENABLED=0 GOOS=\$TARGETOS GOARCH=\$TARGETARCH go build -trimpath .* -o (/\S+) (\./cmd/\S+)$`)
	for _, file := range []string{"../deploy/Dockerfile", "../deploy/basic-auth/Dockerfile", "../deploy/fn/Dockerfile"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		m := build.FindStringSubmatch(string(text))
		if m == nil {
			t.Errorf("%s builds nothing for another platform", file)
			continue
		}
		if _, err := os.Stat(filepath.Join("..", m[2], "main.go")); err != nil {
			t.Errorf("%s builds what is not there: %v", file, err)
		}
		for _, line := range []string{
			"FROM --platform=$BUILDPLATFORM golang:" + goVersion + " AS build",
			"FROM gcr.io/distroless/static:nonroot",
			"COPY --from=build " + m[1] + " " + m[1],
			"USER 65532:65532",
		} {
			if !strings.Contains("\n"+string(text), "\n"+line+"\n") {
				t.Errorf("%s does not say %q", file, line)
			}
		}
		if !strings.Contains(string(text), `ENTRYPOINT ["`+m[1]+`"`) {
			t.Errorf("%s does not run %s", file, m[1])
		}
	}
}
