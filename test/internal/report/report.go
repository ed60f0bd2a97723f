// Package report reads a converter's findings, as far as a case needs them: which keys are named, and as what.
package report

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// finding is one object of the report that has a code or a class.
type finding struct {
	code, class, field string
	texts              []string // all strings in it
}

// Report is the list of findings.
type Report struct{ findings []finding }

// Parse finds the findings wherever they stand in the document; no report gives an empty list.
func Parse(data []byte) (*Report, error) {
	r := &Report{}
	if len(strings.TrimSpace(string(data))) == 0 {
		return r, nil
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	r.collect(doc)
	return r, nil
}

func (r *Report) collect(v any) {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			r.collect(e)
		}
	case map[string]any:
		f := finding{}
		f.code, _ = x["code"].(string)
		f.class, _ = x["class"].(string)
		f.field, _ = x["field"].(string)
		if origin, ok := x["origin"].(map[string]any); ok && f.field == "" {
			f.field, _ = origin["field"].(string)
		}
		if f.code != "" {
			f.texts = texts(x, nil)
			r.findings = append(r.findings, f)
			return
		}
		for _, e := range x {
			r.collect(e)
		}
	}
}

func texts(v any, out []string) []string {
	switch x := v.(type) {
	case string:
		return append(out, x)
	case []any:
		for _, e := range x {
			out = texts(e, out)
		}
	case map[string]any:
		for _, e := range x {
			out = texts(e, out)
		}
	}
	return out
}

// differs tells whether the finding says that behaviour changes.
func (f *finding) differs() bool {
	switch f.class {
	case "exact", "noop":
		return false
	}
	return true
}

// names tells whether any text of the finding contains the key as a whole word.
func (f *finding) names(key string) bool {
	word := regexp.MustCompile(`(^|[^A-Za-z0-9.-]|^--|[^A-Za-z0-9.-]--)` + regexp.QuoteMeta(key) + `($|[^A-Za-z0-9-])`)
	for _, t := range f.texts {
		if word.MatchString(t) {
			return true
		}
	}
	return false
}

// isAbout tells whether the finding is about the key itself: one of its texts is the key.
func (f *finding) isAbout(key string) bool {
	for _, t := range f.texts {
		if strings.TrimLeft(t, "-") == key {
			return true
		}
	}
	return false
}

// Names tells whether any finding names the key, as whatever.
func (r *Report) Names(key string) bool {
	for i := range r.findings {
		if r.findings[i].names(key) {
			return true
		}
	}
	return false
}

// Declares tells whether a finding names the key and says that behaviour changes.
func (r *Report) Declares(key string) bool {
	for i := range r.findings {
		if r.findings[i].differs() && r.findings[i].names(key) {
			return true
		}
	}
	return false
}

// Claims tells whether a finding about the key itself says that its behaviour could not be carried over as it is.
func (r *Report) Claims(key string) bool {
	for i := range r.findings {
		f := &r.findings[i]
		if (f.class == "approximate" || f.class == "manual" || f.class == "refused") && f.isAbout(key) {
			return true
		}
	}
	return false
}

// Differing are the fields of which some finding says that their behaviour changes, each as often as it is said.
func (r *Report) Differing() []string {
	var out []string
	for i := range r.findings {
		if f := &r.findings[i]; f.differs() && f.class != "" && f.field != "" {
			out = append(out, f.field)
		}
	}
	return out
}

// Mentions tells whether any finding that says that behaviour changes contains the words, whatever their case.
func (r *Report) Mentions(words string) bool {
	for i := range r.findings {
		if !r.findings[i].differs() {
			continue
		}
		for _, t := range r.findings[i].texts {
			if strings.Contains(strings.ToLower(t), strings.ToLower(words)) {
				return true
			}
		}
	}
	return false
}
