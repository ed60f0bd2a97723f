package load

import "strings"

// blockYAML reads the plain part of YAML that manifests are written in: maps and lists in block style, scalars on one line,
// literal block scalars. It takes about a tenth of a full parser's time. Whatever it is not sure of (anchors, tags, flow
// style, text over several lines, tabs, anything but ASCII) it leaves to fullYAML: ok is then false and nothing else counts.
// A fuzz test holds it to the same tree as fullYAML wherever it says ok.
func blockYAML(a *arena, doc string, line int32) (t tree, ok bool) {
	if !plainBytes(doc) {
		return tree{}, false
	}
	p := blockParser{src: doc, arena: a, line: line - 1}
	p.advance()
	if p.done {
		return tree{root: a.node(null, line)}, !p.failed
	}
	root := p.block(p.column, 0)
	if p.failed || !p.done {
		return tree{}, false
	}
	p.tree.root = root
	return p.tree, true
}

// plainBytes tells whether the document is printable ASCII and line feeds.
func plainBytes(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' && c != '\n') || c > '~' {
			return false
		}
	}
	return true
}

type blockParser struct {
	src  string
	tree tree
	*arena

	next   int   // where the following line begins
	line   int32 // of the current line
	start  int   // of the current line's content
	end    int   // of the current line, without its line feed
	column int   // of the content

	done, failed bool
}

const (
	maxDepth  = 500
	maxKeyLen = 512
)

// fail gives up: the full parser has to read the document.
func (p *blockParser) fail() *node {
	p.failed, p.done = true, true
	return p.node(null, p.line)
}

// advance goes to the next line that holds more than blanks or a comment.
func (p *blockParser) advance() {
	for !p.done {
		if !p.step() {
			p.done = true
			return
		}
		i := p.start
		if i < p.end && p.src[i] != '#' {
			return
		}
	}
}

// step goes to the next line, whatever it holds; false at the end.
func (p *blockParser) step() bool {
	if p.next >= len(p.src) {
		return false
	}
	begin := p.next
	p.line++
	if i := strings.IndexByte(p.src[begin:], '\n'); i >= 0 {
		p.end, p.next = begin+i, begin+i+1
	} else {
		p.end, p.next = len(p.src), len(p.src)
	}
	i := begin
	for i < p.end && p.src[i] == ' ' {
		i++
	}
	p.start, p.column = i, i-begin
	return true
}

// blank tells whether what is left of a line is nothing, or a comment set off by a blank.
func (p *blockParser) blank(rest string) bool {
	trimmed := strings.TrimLeft(rest, " ")
	return trimmed == "" || (trimmed[0] == '#' && len(trimmed) < len(rest))
}

// dash tells whether the current line begins with a list item.
func (p *blockParser) dash() bool {
	return p.src[p.start] == '-' && (p.start+1 == p.end || p.src[p.start+1] == ' ')
}

// block reads the map or list that begins at the current line, in the given column.
func (p *blockParser) block(column, depth int) *node {
	switch {
	case depth > maxDepth:
		return p.fail()
	case p.dash():
		return p.list(column, depth)
	}
	return p.mapping(column, depth)
}

func (p *blockParser) list(column, depth int) *node {
	n := p.node(sequence, p.line)
	for !p.done && p.column == column && p.dash() {
		line := p.line
		i := p.start + 1
		for i < p.end && p.src[i] == ' ' {
			i++
		}
		switch {
		case p.blank(p.src[p.start+1 : p.end]):
			p.advance()
			if p.done || p.column <= column {
				n.add(p.node(null, line))
			} else {
				n.add(p.block(p.column, depth+1))
			}
		case p.src[i] == '-' && (i+1 == p.end || p.src[i+1] == ' '):
			return p.fail()
		default:
			if _, _, ok := p.keyAt(i); ok {
				p.column, p.start = column+i-p.start, i
				n.add(p.mapping(p.column, depth+1))
			} else {
				n.add(p.scalarAt(i, column))
			}
		}
	}
	if !p.done && p.column > column {
		return p.fail()
	}
	return n
}

func (p *blockParser) mapping(column, depth int) *node {
	if depth > maxDepth {
		return p.fail()
	}
	n := p.node(mapping, p.line)
	for !p.done && p.column == column {
		key, after, ok := p.keyAt(p.start)
		if !ok {
			return p.fail()
		}
		line := p.line
		v := p.value(after, column, depth)
		v.key, v.keyLine = key, line
		n.add(v)
	}
	if !p.done && p.column > column {
		return p.fail()
	}
	p.tree.noteDuplicates(n)
	return n
}

// keyAt reads a key and its colon. after is the place behind the colon.
func (p *blockParser) keyAt(i int) (key string, after int, ok bool) {
	begin := i
	if c := p.src[i]; c == '"' || c == '\'' {
		key, i, ok = p.quoted(i)
		if !ok {
			return "", 0, false
		}
	} else {
		for i < p.end && keyByte(p.src[i]) {
			i++
		}
		if i == begin || p.src[begin] == '-' {
			return "", 0, false
		}
		if key, ok = keyText(p.src[begin:i]); !ok {
			return "", 0, false
		}
	}
	if i >= p.end || p.src[i] != ':' || i-begin > maxKeyLen || (i+1 < p.end && p.src[i+1] != ' ') {
		return "", 0, false
	}
	return key, i + 1, true
}

func keyByte(c byte) bool {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-' || c == '_'
}

// value reads what follows a key's colon, on the same line or below it.
func (p *blockParser) value(i, column, depth int) *node {
	if !p.blank(p.src[i:p.end]) {
		for p.src[i] == ' ' {
			i++
		}
		return p.scalarAt(i, column)
	}
	line := p.line
	p.advance()
	switch {
	case !p.done && p.column > column:
		return p.block(p.column, depth+1)
	case !p.done && p.column == column && p.dash():
		return p.list(column, depth+1)
	}
	return p.node(null, line)
}
