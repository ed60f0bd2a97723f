package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/internal/docs"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

func newExplain(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain {KEY | CODE}...",
		Short: "Explain an annotation, a setting, a flag or a finding code",
		Long: `Explain says what an annotation, a key of the controller's ConfigMap or one of its flags does and what becomes of it, or
what a finding code means and what to do. Annotations can be written with or without their prefix, findings by code or name.`,
		Example: `  ingress2gw explain proxy-body-size
  ingress2gw explain nginx.ingress.kubernetes.io/auth-url --enable-ssl-passthrough
  ingress2gw explain I2G4001`,
		DisableFlagParsing: true, // the controller's flags are arguments here
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.Contains(args, "--help") || slices.Contains(args, "-h") {
				return cmd.Help()
			}
			return explain(streams, args)
		},
		ValidArgsFunction: func(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
			return explainable(start), cobra.ShellCompDirectiveNoFileComp
		},
	}
	useGroups(cmd)
	return cmd
}

func explain(streams Streams, words []string) error {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "--" })
	if len(words) == 0 {
		return usagef("explain needs the name of an annotation, a setting or a flag, or a finding code")
	}
	var b strings.Builder
	items := docs.Items()
	for _, word := range words {
		found := false
		if e, ok := findCode(word); ok {
			found = true
			explainCode(&b, e)
		}
		same := docs.Find(items, word)
		for _, i := range same {
			found = true
			if !i.IsDefault(same) { // its annotation tells
				explainItem(&b, i)
			}
		}
		if !found {
			return usagef("%q is no annotation, setting, flag or finding code%s", reports.Clean(word, 80), suggestion(items, word))
		}
	}
	if _, err := streams.Out.Write([]byte(strings.TrimPrefix(b.String(), "\n"))); err != nil {
		return ioError{err}
	}
	return nil
}

// findCode finds a finding by its code or its name; letters count in no case.
func findCode(word string) (finding.Entry, bool) {
	for _, e := range finding.Catalogue {
		if strings.EqualFold(word, string(e.Code)) || strings.EqualFold(word, e.Name) {
			return e, true
		}
	}
	return finding.Entry{}, false
}

const suggestionsShown = 8

// suggestion names what could have been meant.
func suggestion(items []docs.Item, word string) string {
	near := nearCodes(word)
	if len(near) == 0 {
		near = docs.Similar(items, word)
	}
	more := ""
	if n := len(near) - suggestionsShown; n > 0 {
		near, more = near[:suggestionsShown], fmt.Sprintf(" or %d more", n)
	}
	if len(near) == 0 {
		return "; 'ingress2gw annotations' lists what there is"
	}
	return "; did you mean " + strings.Join(near, ", ") + more + "?"
}

// layerLength is how much of a code says what it is about: I2G4001 begins like all codes about protections.
const layerLength = len("I2G4")

// nearCodes are the codes of the layer that a word begins like, or the name of the finding nearest to it.
func nearCodes(word string) []string {
	var layer, names []string
	for _, e := range finding.Catalogue {
		if len(word) >= layerLength && strings.EqualFold(word[:layerLength], string(e.Code[:layerLength])) {
			layer = append(layer, string(e.Code))
		}
		names = append(names, e.Name)
	}
	if best := annotations.Nearest(word, names); len(layer) == 0 && best != "" {
		return []string{best}
	}
	return layer
}

// line writes a titled line, if there is something to write.
func line(b *strings.Builder, title, text string) {
	if text != "" {
		fmt.Fprintf(b, "  %-14s %s\n", title+":", text)
	}
}

func explainItem(b *strings.Builder, i docs.Item) {
	kind := map[docs.Kind]string{docs.Annotation: "annotation", docs.ConfigMap: "key of the controller's ConfigMap", docs.Flag: "flag of the controller"}[i.Kind]
	fmt.Fprintf(b, "\n%s (%s)\n", i.Full(), kind)
	line(b, "Does", i.Does)
	line(b, "Becomes", i.Becomes)
	line(b, "Class", fmt.Sprintf("%s: %s", i.Class, docs.Meaning(i.Class)))
	if i.Protects {
		line(b, "Protects", "yes: if it cannot be carried over, the route is closed and the run ends with 1")
	}
	if i.Since != "" {
		line(b, "No longer read", "since "+i.Since)
	}
	line(b, "Value", i.Syntax)
	line(b, "Default", i.Default)
	line(b, "ConfigMap key", i.Setting)
	line(b, "Broken value", i.Broken)
	line(b, "Only with", i.Needs)
	line(b, "Also written", i.Alias)
	line(b, "Scope", i.Scope)
	line(b, "Risk", i.Risk)
	line(b, "Feature", i.Feature)
}

func explainCode(b *strings.Builder, e finding.Entry) {
	fmt.Fprintf(b, "\n%s %s (finding)\n", e.Code, e.Name)
	line(b, "Message", docs.Template(e))
	line(b, "Severity", e.Severity.String())
	if e.Class != "" {
		line(b, "Class", fmt.Sprintf("%s: %s", e.Class, docs.Meaning(e.Class)))
	}
	line(b, "What to do", cmp.Or(strings.TrimPrefix(e.Advice, "Nothing."), "nothing"))
	line(b, "Page", reports.FindingPage(e.Code))
	if e.Protective {
		line(b, "Blocks", fmt.Sprintf("the run ends with 1, whatever --fail-on says, unless --waive %s or --waive '%s=Ingress NAMESPACE/NAME' accepts it", e.Code, e.Code))
	}
}

// explainable offers the names and codes that begin with what is typed: flags after a hyphen, full names of annotations when
// the prefix is begun, else short ones.
func explainable(start string) []string {
	var out []string
	add := func(name, about string) {
		if strings.HasPrefix(name, start) && !slices.ContainsFunc(out, func(o string) bool { return strings.HasPrefix(o, name+"\t") }) {
			out = append(out, name+"\t"+about)
		}
	}
	for _, i := range sortedItems() {
		if start != "" && i.Kind == docs.Annotation && strings.HasPrefix(i.Full(), start) {
			add(i.Full(), string(i.Class))
		}
		if start != "" || i.Kind != docs.Flag {
			add(i.Name, string(i.Kind)+", "+string(i.Class))
		}
	}
	for _, c := range codes() {
		name, about, _ := strings.Cut(c, "\t")
		add(name, about)
	}
	return out
}
