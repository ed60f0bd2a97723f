package reports

import (
	"strconv"
	"strings"
)

// pathReader tells the path of each line of a document of ours: block style, lists not indented below their key.
type pathReader struct {
	levels []level
	block  int // lines indented by more belong to a block of text; -1 for none
	inText bool
	path   string
}

// level is a key, or an item of a list, that is open.
type level struct {
	depth int // twice the column; an item of a list is half a column below the key above it
	name  string
	index int // of an item; -1 for a key
}

// next gives the path of the next line.
func (p *pathReader) next(line string) string {
	rest := strings.TrimLeft(line, " ")
	column := len(line) - len(rest)
	if p.inText && (rest == "" || column > p.block) {
		return p.path
	}
	p.inText = false
	for strings.HasPrefix(rest, "- ") || rest == "-" {
		p.item(column)
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "-"), " ")
		column += 2
	}
	key, value := splitKey(rest)
	if key != "" {
		p.close(2 * column)
		p.levels = append(p.levels, level{2 * column, key, -1})
	}
	if strings.HasPrefix(value, "|") || strings.HasPrefix(value, ">") {
		p.inText, p.block = true, column
		if key == "" {
			p.block -= 2
		}
	}
	p.path = p.join()
	return p.path
}

// close ends what is at least as deep.
func (p *pathReader) close(depth int) {
	for n := len(p.levels); n > 0 && p.levels[n-1].depth >= depth; n-- {
		p.levels = p.levels[:n-1]
	}
}

// item begins the next item of the list at a column.
func (p *pathReader) item(column int) {
	depth := 2*column + 1
	index := 0
	for n := len(p.levels); n > 0 && p.levels[n-1].depth >= depth; n-- {
		if top := p.levels[n-1]; top.depth == depth && top.index >= 0 {
			index = top.index + 1
		}
		p.levels = p.levels[:n-1]
	}
	p.levels = append(p.levels, level{depth, "", index})
}

func (p *pathReader) join() string {
	var b strings.Builder
	for _, l := range p.levels {
		switch {
		case l.index >= 0:
			b.WriteString("[" + strconv.Itoa(l.index) + "]")
		case b.Len() > 0:
			b.WriteString("." + l.name)
		default:
			b.WriteString(l.name)
		}
	}
	return b.String()
}

// splitKey takes the key off a line, if it has one.
func splitKey(s string) (key, value string) {
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] == '\\':
				i++
			case s[i] == '"' && strings.HasPrefix(s[i+1:], ":"):
				return s[1:i], strings.TrimPrefix(s[i+2:], " ")
			case s[i] == '"':
				return "", s
			}
		}
		return "", s
	}
	if k, v, ok := strings.Cut(s, ": "); ok {
		return k, v
	}
	if k, ok := strings.CutSuffix(s, ":"); ok {
		return k, ""
	}
	return "", s
}
