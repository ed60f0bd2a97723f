package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed assets
var assets embed.FS

// The style sheets and scripts, in the order in which they are joined.
var (
	styleFiles  = [...]string{"base.css", "layout.css", "lists.css", "detail.css", "narrow.css"}
	scriptFiles = [...]string{"data.js", "filter.js", "yaml.js", "detail.js", "page.js"}
)

// firstScript runs before anything is shown: what only works with scripts is hidden without them.
const firstScript = `document.documentElement.classList.add("js")`

// code is what the page carries besides its contents, and the policy that allows it and nothing else.
type code struct {
	Style         template.CSS
	First, Script template.JS
	Policy        string
}

func loadCode() (code, error) {
	style, err := join(styleFiles[:], "\n", "\n")
	if err != nil {
		return code{}, err
	}
	script, err := join(scriptFiles[:], "\"use strict\";\n(() => {\n", "})();\n")
	if err != nil {
		return code{}, err
	}
	return code{
		Style: template.CSS(style), First: firstScript, Script: template.JS(script), //nolint:gosec // our own files
		Policy: "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(firstScript) + " " + hash(script) +
			"; base-uri 'none'; form-action 'none'",
	}, nil
}

// join puts files one behind the other, each with its name, between a head and an end.
func join(names []string, head, end string) (string, error) {
	var b strings.Builder
	b.WriteString(head)
	for _, n := range names {
		text, err := assets.ReadFile("assets/" + n)
		if err != nil {
			return "", err
		}
		b.Write(text)
	}
	b.WriteString(end)
	return b.String(), nil
}

// hash is how a policy names an inline style or script.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
