package annotations

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Ingress reads the annotations of one Ingress.
type Ingress struct {
	Edge      *Edge
	Namespace string
	Name      string
	Object    *finding.Object
	Source    *snapshot.Ingress
	Canary    bool

	values  []value // annotations with declared keys, by key
	unknown []value // other annotations of the controller's prefix, by key
	at      []uint8 // where in values a declared key is, by its number, counted from 1; nil without values
}

// value is an annotation of the controller's prefix.
type value struct {
	key     string
	text    string
	raw     string // text with the blanks and line breaks around it
	line    int
	refused bool // the controller does not accept it
	reports []finding.Finding
}

// Ref is "namespace/name".
func (in *Ingress) Ref() string { return in.Namespace + "/" + in.Name }

// NewIngress checks all annotations of an Ingress. The second result is false if the controller drops the Ingress; the
// reason is among the findings then.
func (e *Edge) NewIngress(src *snapshot.Ingress) (*Ingress, bool) {
	in := &Ingress{Edge: e, Namespace: src.Namespace, Name: src.Name, Object: src.Object, Source: src}
	in.take(src)
	ok := in.check()
	for i := range e.Features {
		if a := e.Features[i].Accept; a != nil && !a(in) {
			ok = false
		}
	}
	return in, ok
}

// take keeps the annotations of the controller's prefix.
func (in *Ingress) take(src *snapshot.Ingress) {
	for name, text := range src.Annotations {
		key, ours := strings.CutPrefix(name, in.Edge.Prefix)
		if !ours {
			continue
		}
		v := value{key: key, text: trimLines(text), raw: text, line: src.Lines.Annotations[name]}
		switch {
		case in.Edge.keys[key] == nil:
			in.unknown = append(in.unknown, v)
			continue
		case in.values == nil:
			in.values = make([]value, 0, min(len(src.Annotations), len(in.Edge.keys)))
		}
		in.values = append(in.values, v)
	}
	byKey := func(a, b value) int { return strings.Compare(a.key, b.key) }
	slices.SortFunc(in.values, byKey)
	slices.SortFunc(in.unknown, byKey)
	if in.values == nil {
		return
	}
	in.at = make([]uint8, len(in.Edge.keys))
	for i := range in.values {
		in.at[in.Edge.keys[in.values[i].key].number] = uint8(i + 1)
	}
}

// trimLines trims every line, as the controller does with values of several lines.
func trimLines(s string) string {
	if !strings.Contains(s, "\n") {
		return strings.TrimSpace(s)
	}
	ls := strings.Split(s, "\n")
	for i := range ls {
		ls[i] = strings.TrimSpace(ls[i])
	}
	return strings.TrimSpace(strings.Join(ls, "\n"))
}

// of gives the annotation of a declared key, or nil.
func (in *Ingress) of(k *declared) *value {
	if k == nil || in.at == nil || in.at[k.number] == 0 {
		return nil
	}
	return &in.values[in.at[k.number]-1]
}

// named gives an annotation of the controller's prefix, declared or not, or nil.
func (in *Ingress) named(key string) *value {
	if k := in.Edge.keys[key]; k != nil {
		return in.of(k)
	}
	for i := range in.unknown {
		if in.unknown[i].key == key {
			return &in.unknown[i]
		}
	}
	return nil
}

// written is an annotation's text, accepted or not; "" if there is none.
func (v *value) written() string {
	if v == nil {
		return ""
	}
	return v.text
}

// accepted is an annotation's text if the controller accepts it, else "".
func (v *value) accepted() string {
	if v == nil || v.refused {
		return ""
	}
	return v.text
}

// check drops the values that the controller does not accept. It checks them before it trims them: a boolean or a number
// with a blank is none.
func (in *Ingress) check() bool {
	kept := true
	for i := range in.values {
		v := &in.values[i]
		k := in.Edge.keys[v.key]
		if k.Since != "" || (k.needs != nil && !on(in.of(k.needs).written())) || in.newer(k) != "" {
			continue
		}
		err := k.check(v.raw)
		if err == nil {
			continue
		}
		v.refused = true
		switch k.Invalid {
		case DropIngress:
			in.report(finding.ValueDropsAll, k.Name, k.full, Quote(v.raw), err.Error())
			kept = false
		case CloseIngress, LoseAuth:
			// The feature that owns the key closes the routes; see Ingress.Broken.
		case Ignore:
			in.report(finding.ValueIgnored, k.Name, k.full, Quote(v.raw), err.Error(), "nothing")
		default:
			d := in.Text(k.Name)
			if d == "" {
				d = "nothing"
			}
			in.report(finding.ValueIgnored, k.Name, k.full, Quote(v.raw), err.Error(), Quote(d))
		}
	}
	return kept
}

// on tells whether a value switches on what its key stands for: there is one, and it is no boolean that says no.
func on(value string) bool {
	b, isBool := parseBool(value)
	return b || !isBool && value != ""
}

// newer is the newer name of an alias if the Ingress sets it, so that the alias is not read; else "".
func (in *Ingress) newer(k *declared) string {
	if in.of(k.newer).written() != "" {
		return k.newer.Name
	}
	return ""
}

// Keys are the declared keys that the Ingress carries, sorted.
func (in *Ingress) Keys() []string {
	keys := make([]string, len(in.values))
	for i := range in.values {
		keys[i] = in.values[i].key
	}
	return keys
}

// Annotations is the number of annotations of the controller's prefix.
func (in *Ingress) Annotations() int { return len(in.values) + len(in.unknown) }

// Has tells whether the Ingress itself carries the annotation, with an accepted value that is not empty.
func (in *Ingress) Has(key string) bool {
	return len(in.values) > 0 && in.of(in.Edge.mustKey(key)).accepted() != ""
}

// Written gives the annotation as it stands in the Ingress, accepted or not.
func (in *Ingress) Written(key string) (string, bool) {
	if len(in.values) == 0 {
		return "", false
	}
	v := in.of(in.Edge.mustKey(key))
	return v.written(), v != nil
}

// Broken gives the reason why the annotation's value is not accepted; nil if it is, or is absent.
func (in *Ingress) Broken(key string) error {
	k := in.Edge.mustKey(key)
	v := in.of(k)
	if v == nil || !v.refused {
		return nil
	}
	return k.check(v.raw)
}

// Text is the value that holds: the annotation, else its alias, else the controller's setting, else the default.
func (in *Ingress) Text(key string) string {
	k := in.Edge.mustKey(key)
	v := in.of(k)
	if text := v.accepted(); text != "" {
		return text
	}
	if v.written() == "" {
		if text := in.of(k.older).accepted(); text != "" {
			return text
		}
	}
	if k.Setting != "" {
		if text, ok := in.Edge.Settings.Get(k.Setting); ok && k.check(text) == nil {
			return text
		}
	}
	return k.Default
}

// Origin is where the value of Text stands: the annotation, the controller's setting, or the Ingress.
func (in *Ingress) Origin(key string) finding.Origin {
	k := in.Edge.mustKey(key)
	if v := in.of(k); v != nil {
		return finding.Origin{Object: in.Object, Field: k.full, Line: v.line}
	}
	if k.Setting != "" {
		if _, ok := in.Edge.Settings.Get(k.Setting); ok {
			return in.Edge.Settings.Origin(k.Setting)
		}
	}
	return finding.Origin{Object: in.Object, Field: k.full}
}

// Stated tells whether the value of Text stands in the Ingress or in the controller's settings, so that it is not just
// the controller's own default.
func (in *Ingress) Stated(key string) bool {
	k := in.Edge.mustKey(key)
	if in.of(k).accepted() != "" {
		return true
	}
	if k.Setting == "" {
		return false
	}
	_, ok := in.Edge.Settings.Get(k.Setting)
	return ok
}
