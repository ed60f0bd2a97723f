// Package docs writes the pages that come from declarations: what the annotations and settings of a controller become, and
// what every finding means.
package docs

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Generated is the first line of every page.
const Generated = "<!-- Written by `make generate` from what the code declares. Changes are lost. -->\n"

// Kind says how a user states something to a controller.
type Kind string

// The kinds.
const (
	Annotation Kind = "annotation"
	ConfigMap  Kind = "configmap" // a key of the controller's ConfigMap
	Flag       Kind = "flag"      // of the controller's command line
)

// Item is one thing that users state to a controller, with what is known about it.
type Item struct {
	Kind     Kind          `json:"kind"`
	Name     string        `json:"name"`             // as it is written, without the prefix of annotations
	Prefix   string        `json:"prefix,omitempty"` // of annotations
	Feature  string        `json:"feature"`
	Syntax   string        `json:"syntax"`
	Default  string        `json:"default,omitempty"`
	Setting  string        `json:"setting,omitempty"` // ConfigMap key that holds the annotation's default
	Scope    string        `json:"scope,omitempty"`
	Risk     string        `json:"risk,omitempty"`
	Needs    string        `json:"needs,omitempty"`
	Alias    string        `json:"alias,omitempty"`
	Protects bool          `json:"protects"`
	Broken   string        `json:"brokenValue,omitempty"` // what the controller does with a value that it does not accept
	Since    string        `json:"deadSince,omitempty"`
	Class    finding.Class `json:"class"`
	Does     string        `json:"does"`
	Becomes  string        `json:"becomes"`
}

// Full is the name as it stands in an Ingress, a ConfigMap or a command line.
func (i Item) Full() string { return i.Prefix + i.Name }

// IsDefault tells whether an item is the key of the ConfigMap that holds the default of an annotation among others.
func (i Item) IsDefault(others []Item) bool {
	return i.Kind == ConfigMap && slices.ContainsFunc(others, func(a Item) bool { return a.Setting == i.Name })
}

// Controllers are the names of the controllers whose annotations are declared.
func Controllers() []string { return []string{"nginx"} }

// Items lists everything that a controller reads or once read, in the order of its features.
func Items() []Item {
	var out []Item
	for _, f := range nginx.Features() {
		for _, k := range f.Keys {
			out = append(out, fromKey(f.Name, k))
		}
		for _, k := range f.Keys {
			if k.Setting != "" {
				out = append(out, fromDefault(f.Name, k))
			}
		}
		for _, s := range f.Settings {
			out = append(out, fromSetting(f.Name, s))
		}
	}
	return out
}

func fromKey(feature string, k annotations.Key) Item {
	i := Item{
		Kind: Annotation, Name: k.Name, Prefix: nginx.DefaultPrefix, Feature: feature, Syntax: k.Syntax, Default: k.Default, Setting: k.Setting, Scope: k.Scope,
		Risk: k.Risk, Needs: k.Needs, Alias: k.Alias, Protects: k.Protect, Since: k.Since, Class: k.Class, Does: k.Doc, Becomes: k.Note,
	}
	if k.Check != nil {
		i.Broken = consequence(k.Invalid)
	}
	return i
}

func consequence(c annotations.Consequence) string {
	switch c {
	case annotations.Ignore:
		return "as if the annotation were not there"
	case annotations.DropIngress:
		return "the whole Ingress is dropped"
	case annotations.CloseIngress:
		return "every path of the Ingress answers 503"
	case annotations.LoseAuth:
		return "the controller lets everybody pass; the translation closes the routes"
	}
	return "the default holds"
}

func fromDefault(feature string, k annotations.Key) Item {
	return Item{
		Kind: ConfigMap, Name: k.Setting, Feature: feature, Syntax: k.Syntax, Default: k.Default, Protects: k.Protect, Class: k.Class,
		Does: "Default of the annotation " + k.Name + ": " + k.Doc, Becomes: k.Note,
	}
}

func fromSetting(feature string, s annotations.Setting) Item {
	i := Item{Kind: ConfigMap, Name: s.Name, Feature: feature, Syntax: s.Syntax, Default: s.Default, Class: s.Class, Does: s.Doc, Becomes: s.Note}
	if s.Flag {
		i.Kind, i.Name = Flag, "--"+s.Name
	}
	if feature == nginx.Historical.Name {
		i.Since = "an older release"
	}
	return i
}

// Find gives what a name means: an annotation with or without its prefix, a key of the ConfigMap, a flag with or without its
// hyphens. One word can be several things.
func Find(items []Item, name string) []Item {
	word := name[strings.LastIndex(name, "/")+1:]
	var out []Item
	for _, i := range items {
		switch {
		case i.Name == name, i.Kind == Annotation && i.Name == word, i.Kind == Flag && i.Name == "--"+name:
			out = append(out, i)
		}
	}
	return out
}

// Similar are the names nearest to a word that names nothing: the one it is a misspelling of, else those that contain it.
func Similar(items []Item, word string) []string {
	word = word[strings.LastIndex(word, "/")+1:]
	var names, containing []string
	for _, i := range items {
		names = append(names, i.Name)
		if strings.Contains(i.Name, strings.ToLower(word)) && word != "" && !slices.Contains(containing, i.Name) {
			containing = append(containing, i.Name)
		}
	}
	if best := annotations.Nearest(word, names); best != "" && len(word) > 4 {
		return []string{best}
	}
	slices.Sort(containing)
	return containing
}
