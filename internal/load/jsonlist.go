package load

import "strings"

// span is a part of a document: the object of a list.
type span struct {
	start, end int
	line       int32
}

// jsonObject is the outline of a top-level JSON object, found without building anything.
type jsonObject struct {
	kind, apiVersion string
	metadata         span
	elements         []span // of its items
	hasItems         bool
	end              int   // behind the object
	endLine          int32 // line of that place
}

// outline looks over a JSON object: what it says of itself, and where the elements of its items are. After a syntax error
// it holds what was found so far.
func outline(doc string, line int32) (o jsonObject, err *syntaxError) {
	p := jsonParser{src: doc, line: line}
	err = p.members(func(key string, _ int32) *syntaxError {
		p.space()
		begin := span{start: p.pos, line: p.line}
		switch {
		case key == "items" && p.peek() == '[':
			o.hasItems = true
			return p.elements(func() *syntaxError {
				p.space()
				element := span{start: p.pos, line: p.line}
				if err := p.skip(0); err != nil {
					return err
				}
				element.end = p.pos
				o.elements = append(o.elements, element)
				return nil
			})
		case (key == "kind" || key == "apiVersion") && p.peek() == '"':
			s, err := p.string()
			if key == "kind" {
				o.kind = s
			} else {
				o.apiVersion = s
			}
			return err
		}
		if err := p.skip(0); err != nil {
			return err
		}
		if key == "metadata" {
			begin.end = p.pos
			o.metadata = begin
		}
		return nil
	})
	if err == nil {
		p.space()
	}
	o.end, o.endLine = p.pos, p.line
	return o, err
}

// skip passes over a value.
func (p *jsonParser) skip(depth int) *syntaxError {
	if depth > maxDepth {
		return p.fail("is nested too deeply")
	}
	switch c := p.peek(); c {
	case '{':
		return p.members(func(string, int32) *syntaxError { return p.skip(depth + 1) })
	case '[':
		return p.elements(func() *syntaxError { return p.skip(depth + 1) })
	case '"':
		_, _, err := p.scanString()
		return err
	}
	return p.skipWord()
}

// json reads a document that begins with a brace: one JSON object, or several in a row. It says false when that is no JSON
// (but perhaps YAML in flow style).
func (r *reader) json(doc string, line int32) bool {
	for first := true; doc != ""; first = false {
		o, err := outline(doc, line)
		switch {
		case err != nil && len(o.elements) == 0:
			if first {
				return false
			}
			r.unreadable(doc, line, err)
			return true
		case err != nil:
			for _, e := range o.elements {
				r.jsonElement(doc[e.start:e.end], e.line, typeMeta{})
			}
			last := o.elements[len(o.elements)-1]
			broken := strings.TrimLeft(doc[last.end:], ", \t\n")
			r.unreadable(broken, last.line+int32(strings.Count(doc[last.start:len(doc)-len(broken)], "\n")), err)
			return true
		case o.hasItems && strings.HasSuffix(o.kind, "List"):
			for _, e := range o.elements {
				r.jsonElement(doc[e.start:e.end], e.line, typeMeta{o.kind, o.apiVersion}.element())
			}
		default:
			r.jsonElement(doc[:o.end], line, typeMeta{})
		}
		doc, line = doc[o.end:], o.endLine
	}
	return true
}

// jsonElement reads one JSON value known to be well formed.
func (r *reader) jsonElement(doc string, line int32, inherited typeMeta) {
	if len(doc) > maxObject {
		r.tooLarge(doc, line)
		return
	}
	r.arena.reset()
	t, err := parseJSON(&r.arena, doc, line)
	if err != nil {
		r.unreadable(doc, line, err)
		return
	}
	r.object(t.root, t.twice, inherited, 0)
}
