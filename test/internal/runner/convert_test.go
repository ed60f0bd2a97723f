package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

func TestProductCommandQuotesForTheShell(t *testing.T) {
	got := ProductCommand("/with space/it's", []string{"--ownership", "split"}).Text
	if !strings.HasPrefix(got, `'/with space/it'\''s' convert -f "$IN" $ARGS `) || !strings.HasSuffix(got, ` '--ownership' 'split'`) {
		t.Error(got)
	}
}

func TestCommand(t *testing.T) {
	c := &casefile.Case{Controller: casefile.Controller{Flags: []string{"--watch-ingress-without-class"}, Config: map[string]string{"a": "b"}}}
	tests := map[string]struct {
		text string
		want *Output
		err  string
	}{
		"objects, mesh configuration and report": {
			`cat "$IN"; echo mesh > "$MESH"; echo '{}' > "$REPORT"`, &Output{Stream: "input", Mesh: []byte("mesh\n"), Report: []byte("{}\n")}, "",
		},
		"exit status 1 means findings": {"echo x; exit 1", &Output{Stream: "x\n"}, ""},
		"exit status 2 is an error":    {"echo no such flag >&2; exit 2", nil, "no such flag"},
		"the controller's settings go along": {
			`printf '%s|' $ARGS`, &Output{Stream: "--controller-config|ingress-nginx/ingress-nginx-controller|--controller-args|--watch-ingress-without-class|"}, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, inputFile), []byte("input"), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Command{Text: tt.text}.Convert(c, dir)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestGiven(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.yaml": "objects", "a.mesh": "mesh", "b.yaml": "more"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]*Output{"a": {Stream: "objects", Mesh: []byte("mesh")}, "b": {Stream: "more"}, "c": nil}
	for name, output := range want {
		got, err := Given{Dir: dir}.Convert(&casefile.Case{Name: name}, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(output, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestBoundPorts(t *testing.T) {
	if diff := cmp.Diff([]int{8080, 8443, 9000}, boundPorts([]int{80, 443, 9000})); diff != "" {
		t.Error(diff)
	}
}
