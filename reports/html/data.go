package html

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"iter"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// data is what the scripts work on: an index of all Ingresses to search in, and the details of each, packed, to unpack where one
// is opened. What repeats stands once and is named by its position.
type data struct {
	fleet   *fleet
	codes   dictionary[finding.Code]
	fields  dictionary[string]
	kinds   dictionary[kind]
	sets    dictionary[string] // of kinds, as bytes of JSON
	columns columns
}

// kind is what a finding says and of which field, without indexes: what the list is filtered by.
type kind struct{ code, field int }

// dictionary numbers values in the order in which they are met.
type dictionary[T comparable] struct {
	numbers map[T]int
	values  []T
}

func (d *dictionary[T]) number(v T) int {
	if n, ok := d.numbers[v]; ok {
		return n
	}
	if d.numbers == nil {
		d.numbers = map[T]int{}
	}
	n := len(d.values)
	d.numbers[v] = n
	d.values = append(d.values, v)
	return n
}

// columns are the properties of the Ingresses that are searched, one list a property.
type columns struct {
	Name      []string `json:"name"`
	Hosts     []string `json:"hosts"`
	Namespace []int    `json:"namespace"`
	Team      []int    `json:"team"`
	Class     []int    `json:"class"`
	State     []int    `json:"state"`
	Set       []int    `json:"set"`

	names [3][]string // of namespaces, teams and classes
}

type jsonIndex struct {
	Ingresses  columns           `json:"ingresses"`
	Namespaces []string          `json:"namespaces"`
	Teams      []string          `json:"teams"`
	Classes    []string          `json:"classes"`
	States     []string          `json:"states"`
	Words      []finding.Class   `json:"words"`
	Codes      []jsonCode        `json:"codes"`
	Fields     []string          `json:"fields"`
	Kinds      [][2]int          `json:"kinds"`
	Sets       []json.RawMessage `json:"sets"`
	Each       int               `json:"each"`   // Ingresses of a chunk
	Shared     int               `json:"shared"` // chunk with the shared objects
}

type jsonCode struct {
	Code     finding.Code     `json:"code"`
	Name     string           `json:"name"`
	Severity finding.Severity `json:"severity"`
	Message  string           `json:"message"`
	Advice   string           `json:"advice"`
}

func newData(f *fleet) *data {
	d := &data{fleet: f}
	var namespaces, teams, classes dictionary[string]
	states := reports.States()
	var kinds []int
	for _, in := range f.details.Ingresses {
		c := &d.columns
		c.Name, c.Hosts = append(c.Name, in.Object.Name), append(c.Hosts, strings.Join(in.Hosts, " "))
		c.Namespace, c.Team = append(c.Namespace, namespaces.number(in.Object.Namespace)), append(c.Team, teams.number(in.Team))
		c.Class, c.State = append(c.Class, classes.number(in.Class)), append(c.State, slices.Index(states, in.State))
		kinds = d.kindsOf(kinds[:0], in.Findings)
		set, _ := json.Marshal(kinds) //nolint:errchkjson // integers
		c.Set = append(c.Set, d.sets.number(string(set)))
	}
	d.columns.names = [3][]string{namespaces.values, teams.values, classes.values}
	return d
}

// kindsOf lists the kinds of findings, each once.
func (d *data) kindsOf(into []int, fs []finding.Finding) []int {
	for i := range fs {
		k := d.kinds.number(kind{d.codes.number(fs[i].Code), d.fields.number(reports.GeneralField(fs[i].Origin.Field))})
		into = append(into, k)
	}
	slices.Sort(into)
	return slices.Compact(into)
}

// ingressesOfChunk is how many Ingresses are packed together: enough to pack well, few enough to unpack at once.
const ingressesOfChunk = 64

func (d *data) index() (template.JS, error) {
	x := jsonIndex{
		Ingresses: d.columns, Namespaces: d.columns.names[0], Teams: d.columns.names[1], Classes: d.columns.names[2],
		Words: reports.Classes(), Fields: d.fields.values, Each: ingressesOfChunk, Shared: d.sharedChunk(),
	}
	for _, s := range reports.States() {
		x.States = append(x.States, string(s))
	}
	for _, c := range d.codes.values {
		e := c.Entry()
		x.Codes = append(x.Codes, jsonCode{c, e.Name, e.Severity, e.Message, e.Advice})
	}
	for _, k := range d.kinds.values {
		x.Kinds = append(x.Kinds, [2]int{k.code, k.field})
	}
	for _, s := range d.sets.values {
		x.Sets = append(x.Sets, json.RawMessage(s))
	}
	b, err := json.Marshal(x) // escapes what could end the element or a line
	if err != nil {
		return "", fmt.Errorf("writing the index: %w", err)
	}
	return template.JS(b), nil //nolint:gosec // JSON with <, > and & escaped
}

func (d *data) sharedChunk() int {
	return (len(d.fleet.details.Ingresses) + ingressesOfChunk - 1) / ingressesOfChunk
}

// chunk is packed data.
type chunk struct {
	N    int
	Data string
}

// chunks packs the details of the Ingresses, then the shared objects. A chunk is made when it is written.
func (d *data) chunks() iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		var p packer
		n := 0
		for ingresses := range slices.Chunk(d.fleet.details.Ingresses, ingressesOfChunk) {
			all := make([]jsonIngress, len(ingresses))
			var texts dictionary[string]
			for i, in := range ingresses {
				all[i] = d.ingress(in, &texts)
			}
			if !yield(chunk{n, p.pack(jsonChunk{texts.values, all})}) {
				return
			}
			n++
		}
		shared := make([]jsonObject, len(d.fleet.details.Shared))
		var texts dictionary[string]
		for i, o := range d.fleet.details.Shared {
			shared[i] = newObject(o, plainLines(o), &texts)
		}
		yield(chunk{n, p.pack(jsonChunk{texts.values, shared})})
	}
}

// jsonChunk is a list of Ingresses or objects. Their texts stand once for all of them: lines of YAML are much the same everywhere,
// and further apart than compression looks back.
type jsonChunk struct {
	Texts []string `json:"texts"`
	All   any      `json:"all"`
}

// jsonIngress is one Ingress, opened. Numbers stand for texts of the chunk.
type jsonIngress struct {
	Place    string       `json:"place,omitempty"`
	Lines    jsonLines    `json:"yaml"`
	Findings [][]int      `json:"findings"`
	Quiet    string       `json:"quiet,omitempty"`
	Objects  []jsonObject `json:"objects"`
}

type jsonObject struct {
	Kind  string    `json:"kind"`
	Name  string    `json:"name"`
	Owner string    `json:"owner"`
	Lines jsonLines `json:"yaml"`
}

// jsonLines is a text with the fields that its lines stand for.
type jsonLines struct {
	Text  []int   `json:"text"`
	Links [][]int `json:"links"` // the first of some lines and how many they are, then their fields
}

func (d *data) ingress(in *reports.Ingress, texts *dictionary[string]) jsonIngress {
	out := jsonIngress{Place: finding.Origin{Object: in.Object}.Place(), Lines: newLines(in.Lines(), texts), Quiet: quiet(in), Objects: []jsonObject{}, Findings: [][]int{}}
	for _, o := range inReadingOrder(in.Objects) {
		out.Objects = append(out.Objects, newObject(o, in.ObjectLines(o), texts))
	}
	for i := range in.Findings {
		out.Findings = append(out.Findings, d.finding(&in.Findings[i], texts))
	}
	return out
}

// readFirst are the kinds that say most about an Ingress.
var readFirst = [...]string{"VirtualService", "DestinationRule", "Gateway", "EnvoyFilter"}

// inReadingOrder puts first what says most; objects come in the order in which they are applied.
func inReadingOrder(objects []*manifest.Object) []*manifest.Object {
	rank := func(o *manifest.Object) int {
		if i := slices.Index(readFirst[:], o.Kind); i >= 0 {
			return i
		}
		return len(readFirst)
	}
	sorted := slices.Clone(objects)
	slices.SortStableFunc(sorted, func(a, b *manifest.Object) int { return cmp.Compare(rank(a), rank(b)) })
	return sorted
}

// Marks of a finding.
const (
	markBlocking = 1 << iota
	markWaived
	markKnown
)

// finding is a list: code, class or -1, field or -1, line, marks, message.
func (d *data) finding(f *finding.Finding, texts *dictionary[string]) []int {
	field, marks := -1, 0
	if f.Origin.Field != "" {
		field = texts.number(f.Origin.Field)
	}
	if f.Blocking() {
		marks |= markBlocking
	}
	if f.Waived {
		marks |= markWaived
	}
	if f.Known {
		marks |= markKnown
	}
	return []int{d.codes.number(f.Code), slices.Index(reports.Classes(), f.Class), field, f.Origin.Line, marks, texts.number(f.Message())}
}

func newObject(o *manifest.Object, lines []reports.Line, texts *dictionary[string]) jsonObject {
	name := o.Name
	if o.Namespace != "" {
		name = o.Namespace + "/" + o.Name
	}
	return jsonObject{Kind: o.Kind, Name: name, Owner: o.Owner, Lines: newLines(lines, texts)}
}

func newLines(lines []reports.Line, texts *dictionary[string]) jsonLines {
	out := jsonLines{Text: make([]int, len(lines)), Links: [][]int{}}
	for i, l := range lines {
		out.Text[i] = texts.number(l.Text)
		if len(l.Fields) == 0 {
			continue
		}
		if i > 0 && slices.Equal(lines[i-1].Fields, l.Fields) {
			out.Links[len(out.Links)-1][1]++
			continue
		}
		link := []int{i, 1}
		for _, f := range l.Fields {
			link = append(link, texts.number(f))
		}
		out.Links = append(out.Links, link)
	}
	return out
}

// plainLines is an object as YAML. What cannot be written is not among the objects of a translation.
func plainLines(o *manifest.Object) []reports.Line {
	if o.Secret || o.Kind == "Secret" {
		return []reports.Line{{Text: "# what a Secret holds is not shown"}}
	}
	var b strings.Builder
	if err := manifest.WriteYAML(&b, o); err != nil {
		return []reports.Line{{Text: "# " + err.Error()}}
	}
	var out []reports.Line
	for text := range strings.Lines(b.String()) {
		out = append(out, reports.Line{Text: strings.TrimSuffix(text, "\n")})
	}
	return out
}
