package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Identity is what makes a finding the same in two runs: code, object and field, never the line or the message.
func Identity(f *finding.Finding) string {
	id := string(f.Code) + "\x00" + f.Origin.Field
	if o := f.Origin.Object; o != nil {
		id += "\x00" + o.Kind + "\x00" + o.Namespace + "\x00" + o.Name
	}
	return id
}

// identities gives each finding an identity of its own: the second of one identity is "2", and so on.
type identities map[string]int

func (ids identities) of(f *finding.Finding) string {
	id := Identity(f)
	ids[id]++
	if n := ids[id]; n > 1 {
		return id + "\x00" + strconv.Itoa(n)
	}
	return id
}

// Baseline are the findings of a former run, by identity. The zero value has none.
type Baseline struct{ counts map[string]int }

// ReadBaseline reads a JSON report.
func ReadBaseline(r io.Reader) (Baseline, error) {
	b := Baseline{map[string]int{}}
	d := json.NewDecoder(r)
	if err := expect(d, json.Delim('{')); err != nil {
		return b, err
	}
	version, kindName, listed := "", "", false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return b, err
		}
		switch key {
		case "apiVersion":
			err = d.Decode(&version)
		case "kind":
			err = d.Decode(&kindName)
		case "findings":
			listed = true
			err = b.findings(d)
		case "suppressedFindings": // they count, too
			err = b.findings(d)
		default:
			err = d.Decode(&json.RawMessage{})
		}
		if err != nil {
			return b, err
		}
	}
	if version != apiVersion || kindName != kind || !listed {
		return b, fmt.Errorf("not a JSON report of ingress2gw (apiVersion %s, kind %s)", apiVersion, kind)
	}
	return b, nil
}

func expect(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err == nil && t != want {
		err = fmt.Errorf("%v instead of %v", t, want)
	}
	return err
}

// findings reads the list finding by finding: reports of large fleets are large.
func (b *Baseline) findings(d *json.Decoder) error {
	if err := expect(d, '['); err != nil {
		return err
	}
	for d.More() {
		var j struct {
			Code   finding.Code
			Field  string
			Object *jsonObject
		}
		if err := d.Decode(&j); err != nil {
			return err
		}
		f := finding.Finding{Code: j.Code, Origin: finding.Origin{Field: j.Field}}
		if o := j.Object; o != nil {
			f.Origin.Object = &finding.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
		}
		b.counts[Identity(&f)]++
	}
	return expect(d, ']')
}

// Mark marks the findings of a report that the baseline has: as many of each identity as it has.
func (b Baseline) Mark(r *Report) {
	if b.counts == nil {
		return
	}
	r.Compared = true
	seen := identities{}
	for i := range r.Findings {
		f := &r.Findings[i]
		id := Identity(f)
		seen[id]++
		if seen[id] <= b.counts[id] {
			f.Known = true
			r.Known++
		}
	}
}
