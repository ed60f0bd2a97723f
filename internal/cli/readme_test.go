package cli

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite what README.md and the pages of docs show")

// sessionPages hold sessions.
var sessionPages = []string{"README.md", "docs/diff.md", "docs/krm-function.md", "docs/ownership.md", "docs/report.md"}

// What stands between these lines of a page is a terminal session: commands after $, and what they print.
const (
	sessionBegin = "<!-- session: run by internal/cli -->\n```console\n"
	sessionEnd   = "```\n<!-- end of session -->\n"
)

func TestREADMEAndPagesShowWhatTheProgramPrints(t *testing.T) {
	for _, page := range sessionPages {
		t.Run(page, func(t *testing.T) {
			file, err := filepath.Abs(filepath.Join("../..", page))
			require.NoError(t, err)
			replayPage(t, page, file)
		})
	}
}

func replayPage(t *testing.T, page, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	here := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(here, "docs/example"), os.DirFS("../../docs/example")))
	t.Chdir(here)

	parts := strings.Split(string(text), sessionBegin)
	require.Greater(t, len(parts), 1, "%s shows no session", page)
	for i, part := range parts[1:] {
		shown, rest, ok := strings.Cut(part, sessionEnd)
		require.True(t, ok, "a session of %s does not end", page)
		printed := replay(t, shown)
		if diff := cmp.Diff(shown, printed); diff != "" && !*update {
			t.Errorf("session %d of %s differs, run go test ./internal/cli -run README -update (-page +program):\n%s", i+1, page, diff)
		}
		parts[i+1] = printed + sessionEnd + rest
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(parts, sessionBegin)), 0o644))
	}
}

// replay runs the commands of a session and gives the session as it is.
func replay(t *testing.T, session string) string {
	t.Helper()
	var b strings.Builder
	commands := 0
	for line := range strings.Lines(session) {
		if command, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "$ "); ok {
			commands++
			b.WriteString(line)
			for printed := range strings.Lines(runCommand(t, command)) {
				b.WriteString(strings.TrimRight(printed, " \n") + "\n") // no blanks at the ends of lines in Markdown
			}
		}
	}
	require.Positive(t, commands, "a session without commands")
	return b.String()
}

// runCommand runs one command: the program itself, or one of the few others that pages use.
func runCommand(t *testing.T, command string) string {
	t.Helper()
	words, err := splitWords(command)
	require.NoError(t, err)
	switch {
	case words[0] == "ingress2gw":
		var b strings.Builder
		Run(t.Context(), words, Streams{In: strings.NewReader(""), Out: &b, Err: &b}, program())
		return b.String()
	case words[0] == "kustomize":
		t.Setenv(realTranslation, "1")
		out, err := exec.CommandContext(t.Context(), "kustomize", words[1:]...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	case words[0] == "cat" && len(words) == 2:
		data, err := os.ReadFile(words[1])
		require.NoError(t, err)
		return string(data)
	case len(words) == 6 && slices.Equal(words[:1], []string{"find"}) && slices.Equal(words[2:], []string{"-type", "f", "|", "sort"}):
		return listFiles(t, words[1])
	case len(words) == 2 && words[0] == "cat":
		data, err := os.ReadFile(words[1])
		require.NoError(t, err)
		return string(data)
	case len(words) == 4 && (words[0] == "head" || words[0] == "tail") && words[1] == "-n":
		return piece(t, words[0], words[2], words[3])
	}
	t.Fatalf("a page runs %q, which this test cannot", command)
	return ""
}

func listFiles(t *testing.T, folder string) string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.ToSlash(path)+"\n")
		}
		return err
	}))
	slices.Sort(names)
	return strings.Join(names, "")
}

// piece is head -n N FILE or tail -n +N FILE.
func piece(t *testing.T, program, number, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := slices.Collect(strings.Lines(string(data)))
	n, err := strconv.Atoi(strings.TrimPrefix(number, "+"))
	require.NoError(t, err)
	require.LessOrEqual(t, n, len(lines))
	if program == "head" {
		return strings.Join(lines[:n], "")
	}
	require.True(t, strings.HasPrefix(number, "+"), "tail -n +N")
	return strings.Join(lines[n-1:], "")
}
