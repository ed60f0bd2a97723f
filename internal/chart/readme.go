package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Marks in the chart's README between which the table of values stands.
const (
	tableBegin = "<!-- values: written by `make generate` from values.yaml -->\n"
	tableEnd   = "<!-- end of values -->\n"
)

// Readme is the chart's README with the table of values as values.yaml says.
func Readme(root fs.FS) ([]byte, error) {
	text, err := fs.ReadFile(root, path.Join(Folder, "README.md"))
	if err != nil {
		return nil, err
	}
	values, err := fs.ReadFile(root, path.Join(Folder, "values.yaml"))
	if err != nil {
		return nil, err
	}
	before, rest, ok := bytes.Cut(text, []byte(tableBegin))
	_, after, end := bytes.Cut(rest, []byte(tableEnd))
	if !ok || !end {
		return nil, fmt.Errorf("README.md of the chart has no place for the table of values")
	}
	table, err := valuesTable(values)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{before, []byte(tableBegin), table, []byte(tableEnd), after}, nil), nil
}

// valuesTable lists every value with its default and the comment above it.
func valuesTable(values []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(values, &document); err != nil {
		return nil, fmt.Errorf("reading values.yaml: %w", err)
	}
	b := bytes.NewBufferString("| value | default | |\n| --- | --- | --- |\n")
	err := valueRows(b, "", document.Content[0])
	return b.Bytes(), err
}

func valueRows(b *bytes.Buffer, prefix string, mapping *yaml.Node) error {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		name, comment := prefix+key.Value, comment(key.HeadComment)
		if value.Kind == yaml.MappingNode && len(value.Content) > 0 {
			if comment != "" {
				fmt.Fprintf(b, "| `%s` | | %s |\n", name, comment)
			}
			if err := valueRows(b, name+".", value); err != nil {
				return err
			}
			continue
		}
		var plain any
		if err := value.Decode(&plain); err != nil {
			return err
		}
		text, err := json.Marshal(plain)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "| `%s` | `%s` | %s |\n", name, text, comment)
	}
	return nil
}

// comment is a comment as one line; examples, which are indented, are left out.
func comment(s string) string {
	var words []string
	for line := range strings.Lines(s) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\n"), "#")
		if !strings.HasPrefix(line, "  ") {
			words = append(words, strings.TrimSpace(line))
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(strings.Join(words, " ")), "|", `\|`)
}
