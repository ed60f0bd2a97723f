package load

import (
	"strings"
	"unicode/utf16"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

const (
	// maxObject is the size above which no API server accepts an object (its limit for a request).
	maxObject = 3 << 20
	// maxWhole is the size up to which a list is parsed whole, if it is written so that its items cannot be told apart.
	maxWhole = 4 << 20
)

// Bytes reads one stream of YAML or JSON documents into a snapshot, which it leaves complete: objects indexed, definitions
// that stand twice settled, slices in order.
func Bytes(name string, data []byte, s *snapshot.Snapshot) {
	r := newReader(s, Options{})
	r.stream(name, string(data))
	r.finish()
}

// reader takes documents apart and collects the objects for one snapshot.
type reader struct {
	snapshot *snapshot.Snapshot
	filter   filter
	arena    arena
	strings  map[string]string
	index    map[id]*entry

	pathTypes pathTypes
	aside     aside
	passed    passedOver

	file     string // of the stream being read
	unplaced bool   // its lines mean nothing to the user
	trusted  bool   // it comes from an API server, which has validated it
}

func newReader(s *snapshot.Snapshot, o Options) *reader {
	r := &reader{snapshot: s, filter: newFilter(o), strings: map[string]string{}, index: map[id]*entry{}, passed: passedOver{}}
	r.adopt()
	return r
}

// keep copies a string that would otherwise hold on to its whole document, and makes equal short ones share memory.
func (r *reader) keep(s string) string {
	if s == "" || len(s) > 128 {
		return strings.Clone(s)
	}
	if k, ok := r.strings[s]; ok {
		return k
	}
	s = strings.Clone(s)
	r.strings[s] = s
	return s
}

// origin is the place of an object of which nothing else is known yet.
func (r *reader) origin(line int32) *finding.Object {
	o := &finding.Object{File: r.file}
	if !r.unplaced {
		o.Line = int(line)
	}
	return o
}

// stream splits a stream at its document markers and reads each document.
func (r *reader) stream(name, data string) {
	r.file = name
	data = decodeUTF16(data)
	if strings.Contains(data, "\r\n") {
		data = strings.ReplaceAll(data, "\r\n", "\n")
	}
	line := int32(1)
	for begin := 0; begin < len(data); {
		end := documentEnd(data, begin)
		doc := data[begin:end]
		if end < len(data) && onlyDirectives(doc) {
			end = documentEnd(data, end)
			doc = data[begin:end]
		}
		r.document(doc, line)
		line += int32(strings.Count(doc, "\n"))
		begin = end
	}
	r.closeAside()
}

// decodeUTF16 turns what PowerShell's redirection writes into UTF-8.
func decodeUTF16(data string) string {
	var high, low int
	switch {
	case strings.HasPrefix(data, "\xff\xfe"):
		high, low = 1, 0
	case strings.HasPrefix(data, "\xfe\xff"):
		high, low = 0, 1
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i+high])<<8|uint16(data[i+low]))
	}
	return string(utf16.Decode(units))
}

// documentEnd is the place behind the document that begins at begin: the next line that is "---", or what follows "...".
func documentEnd(data string, begin int) int {
	for i := begin; ; {
		k := strings.IndexByte(data[i:], '\n')
		if k < 0 {
			return len(data)
		}
		i += k + 1
		if isMarker(data[i:], "---") {
			return i
		}
		if isMarker(data[i:], "...") {
			if k = strings.IndexByte(data[i:], '\n'); k < 0 {
				return len(data)
			}
			return i + k + 1
		}
	}
}

func isMarker(s, marker string) bool {
	if !strings.HasPrefix(s, marker) {
		return false
	}
	return len(s) == 3 || strings.IndexByte(" \t\n\r", s[3]) >= 0
}

// onlyDirectives tells whether text before a marker is the head of the document behind it ("%YAML 1.2"), not a document.
func onlyDirectives(doc string) bool {
	found := false
	for l := range strings.Lines(doc) {
		switch l = strings.TrimSpace(l); {
		case l == "" || l[0] == '#':
		case l[0] == '%':
			found = true
		default:
			return false
		}
	}
	return found
}

// document reads one document.
func (r *reader) document(doc string, line int32) {
	doc = strings.TrimPrefix(doc, "\ufeff")
	if isMarker(doc, "---") {
		if first, rest, _ := strings.Cut(doc, "\n"); isComment(first[3:]) {
			doc, line = rest, line+1
		}
	}
	body := strings.TrimLeft(doc, " \t\n")
	if body == "" {
		return
	}
	if r.aside.more > 0 && !strings.Contains(body, "kind") {
		r.aside.more++
		return
	}
	if body[0] == '{' {
		if r.json(body, line+int32(strings.Count(doc[:len(doc)-len(body)], "\n"))) {
			return
		}
	} else if r.list(doc, line) {
		return
	}
	if len(doc) > maxWhole || (len(doc) > maxObject && !listLike(doc)) {
		r.tooLarge(doc, line)
		return
	}
	r.arena.reset()
	t, err := parseYAML(&r.arena, doc, line)
	if err != nil {
		r.unreadable(doc, line, err)
		return
	}
	r.object(t.root, t.twice, typeMeta{}, 0)
}

func isComment(s string) bool {
	s = strings.TrimSpace(s)
	return s == "" || s[0] == '#'
}

// parseYAML reads one YAML document.
func parseYAML(a *arena, doc string, line int32) (tree, *syntaxError) {
	if t, ok := blockYAML(a, doc, line); ok {
		return t, nil
	}
	a.reset()
	return fullYAML(a, doc, line)
}
