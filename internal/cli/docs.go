package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/internal/docs"
)

//go:generate go run ../../cmd/ingress2gw docs --out ../../docs

// newDocs makes the hidden command that writes the generated pages.
func newDocs() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:    "docs --out DIRECTORY",
		Short:  "Write the generated pages of the documentation",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if folder == "" {
				return usagef("docs needs --out DIRECTORY")
			}
			if err := writePages(folder, pages(cmd.Root())); err != nil {
				return ioError{err}
			}
			return nil
		},
	}
	g := newGroup("Flags")
	g.flags.StringVar(&folder, "out", "", "`DIRECTORY` of the documentation.")
	useGroups(cmd, g)
	return cmd
}

// The folders below docs that hold generated pages only.
const (
	commandPages = "cli"
	findingPages = "findings"
)

// pages are the generated pages by their path below docs.
func pages(root *cobra.Command) map[string][]byte {
	out := map[string][]byte{"annotations/nginx.md": docs.AnnotationsPage(), "findings.md": docs.FindingsPage()}
	for name, page := range docs.FindingPages() {
		out[findingPages+"/"+name] = page
	}
	addCommandPages(out, root)
	return out
}

// addCommandPages adds a page for a command and for each below it.
func addCommandPages(out map[string][]byte, c *cobra.Command) {
	out[commandPages+"/"+pageName(c)] = commandPage(c)
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			addCommandPages(out, sub)
		}
	}
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") + ".md" }

func commandPage(c *cobra.Command) []byte {
	var b bytes.Buffer
	block := func(text string) { fmt.Fprintf(&b, "\n```\n%s\n```\n", strings.Trim(text, "\n")) }
	fmt.Fprintf(&b, "%s\n# %s\n\n%s.\n", docs.Generated, c.CommandPath(), c.Short)
	block(c.UseLine())
	if long := strings.TrimSpace(c.Long); long != "" && long != c.Short {
		if strings.Contains(long, "\t") { // holds shell commands
			block(long)
		} else {
			fmt.Fprintf(&b, "\n%s\n", long)
		}
	}
	var below []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			below = append(below, fmt.Sprintf("- [%s](%s): %s\n", sub.CommandPath(), pageName(sub), sub.Short))
		}
	}
	if len(below) > 0 {
		fmt.Fprintf(&b, "\n## Commands\n\n%s", strings.Join(below, ""))
	}
	if c.Example != "" {
		b.WriteString("\n## Examples\n")
		block(c.Example)
	}
	for _, s := range flagSections(c) {
		fmt.Fprintf(&b, "\n## %s\n", s.title)
		block(s.text)
	}
	return b.Bytes()
}

type section struct{ title, text string }

// flagSections takes the groups of flags out of a command's help, so that both say the same.
func flagSections(c *cobra.Command) []section {
	var out []section
	for part := range strings.SplitSeq("\n"+c.UsageString(), "\n\n") {
		title, text, ok := strings.Cut(strings.Trim(part, "\n"), ":\n")
		if ok && strings.HasPrefix(strings.TrimLeft(text, " "), "-") {
			out = append(out, section{title, text})
		}
	}
	return out
}

// writePages writes pages into a folder, and removes pages of commands that are gone.
func writePages(folder string, pages map[string][]byte) error {
	for name, data := range pages {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	stale, err := stalePages(folder, pages)
	for _, name := range stale {
		if err := os.Remove(filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return err
}

// stalePages are the files among generated pages that are none any more.
func stalePages(folder string, pages map[string][]byte) ([]string, error) {
	var out []string
	for _, below := range []string{commandPages, findingPages} {
		entries, err := fs.ReadDir(os.DirFS(folder), below)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if name := below + "/" + e.Name(); pages[name] == nil {
				out = append(out, name)
			}
		}
	}
	return out, nil
}
