package fleet

import (
	"encoding/json"
	"strconv"
	"strings"
)

// entries is a map with an order.
type entries []entry

type entry struct {
	key   string
	value any // entries, []any, string or int
}

func (g *generator) begin() {
	switch g.Format {
	case YAMLList:
		g.out.WriteString("apiVersion: v1\nitems:\n")
	case JSONList:
		g.out.WriteString("{\n    \"apiVersion\": \"v1\",\n    \"items\": [")
	}
}

func (g *generator) end() {
	switch g.Format {
	case YAMLList:
		g.out.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	case JSONList:
		g.out.WriteString("\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n")
	}
}

func (g *generator) object(o entries) {
	switch g.Format {
	case Documents:
		if g.written > 0 {
			g.out.WriteString("---\n")
		}
		g.yamlMap(o, 0, false)
	case YAMLList:
		g.out.WriteString("- ")
		g.yamlMap(o, 2, true)
	case JSONList:
		if g.written > 0 {
			g.out.WriteString(",")
		}
		g.out.WriteString("\n        ")
		g.json(o, 8)
	}
	g.written++
}

func (g *generator) indent(n int) { g.out.WriteString(strings.Repeat(" ", n)) }

// yamlMap writes a map in block style; inline tells that its first key goes on the current line.
func (g *generator) yamlMap(m entries, indent int, inline bool) {
	for _, e := range m {
		if !inline {
			g.indent(indent)
		}
		inline = false
		g.out.WriteString(e.key + ":")
		switch v := e.value.(type) {
		case entries:
			g.out.WriteString("\n")
			g.yamlMap(v, indent+2, false)
		case []any:
			g.out.WriteString("\n")
			for _, item := range v {
				g.indent(indent)
				g.out.WriteString("- ")
				if m, ok := item.(entries); ok {
					g.yamlMap(m, indent+2, true)
				} else {
					g.out.WriteString(item.(string) + "\n")
				}
			}
		default:
			g.yamlScalar(v, indent)
		}
	}
}

// yamlScalar writes a scalar as people and kubectl write it: text over several lines as a block, quotes where they are needed.
func (g *generator) yamlScalar(v any, indent int) {
	s, isText := v.(string)
	switch {
	case !isText:
		g.out.WriteString(" " + strconv.Itoa(v.(int)) + "\n")
	case strings.HasSuffix(s, "\n"):
		g.out.WriteString(" |\n")
		for l := range strings.Lines(s) {
			g.indent(indent + 2)
			g.out.WriteString(l)
		}
	case needsQuotes(s):
		g.out.WriteString(" " + strconv.Quote(s) + "\n")
	default:
		g.out.WriteString(" " + s + "\n")
	}
}

// needsQuotes tells whether YAML would read a text of ours as something else.
func needsQuotes(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil || s == "true" || s == "false" || s == "on" || s == "off" || strings.Contains(s, ": ") || strings.Contains(s, " #")
}

func (g *generator) json(v any, indent int) {
	switch v := v.(type) {
	case entries:
		g.out.WriteString("{")
		for i, e := range v {
			g.comma(i, indent+4)
			g.out.WriteString(strconv.Quote(e.key) + ": ")
			g.json(e.value, indent+4)
		}
		g.newline(indent)
		g.out.WriteString("}")
	case []any:
		g.out.WriteString("[")
		for i, item := range v {
			g.comma(i, indent+4)
			g.json(item, indent+4)
		}
		g.newline(indent)
		g.out.WriteString("]")
	case int:
		g.out.WriteString(strconv.Itoa(v))
	case string:
		b, _ := json.Marshal(v) //nolint:errchkjson // a string always can be
		g.out.Write(b)
	}
}

func (g *generator) comma(i, indent int) {
	if i > 0 {
		g.out.WriteString(",")
	}
	g.newline(indent)
}

func (g *generator) newline(indent int) {
	g.out.WriteString("\n")
	g.indent(indent)
}
