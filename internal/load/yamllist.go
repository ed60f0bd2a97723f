package load

import "strings"

// listLike tells whether a YAML document has a top-level key "items".
func listLike(doc string) bool {
	return strings.HasPrefix(doc, "items:") || strings.Contains(doc, "\nitems:")
}

// list reads a YAML list of objects in block style item by item, so that a broken item costs only itself and a large list
// needs no more memory than its largest item. It says false when the document is no such list.
func (r *reader) list(doc string, line int32) bool {
	if !listLike(doc) || hasAnchor(doc) {
		return false
	}
	head, items, ok := splitItems(doc, line)
	if !ok || len(head) > maxObject {
		return false
	}
	r.arena.reset()
	t, err := parseYAML(&r.arena, head, line)
	if err != nil || t.twice != nil || !strings.HasSuffix(t.root.str("kind"), "List") {
		return false
	}
	element := typeMeta{t.root.str("kind"), t.root.str("apiVersion")}.element()
	for _, s := range items {
		r.listItem(doc[s.start:s.end], s.line, element)
	}
	return true
}

// listItem reads one item of a list, cut out with its dash.
func (r *reader) listItem(item string, line int32, inherited typeMeta) {
	if len(item) > maxObject {
		r.tooLarge(item, line)
		return
	}
	r.arena.reset()
	t, err := parseYAML(&r.arena, item, line)
	if err != nil {
		r.unreadable(item, line, err)
		return
	}
	for c := range t.root.children {
		r.object(c, t.twice, inherited, 1)
	}
}

// hasAnchor tells whether the document may define an anchor: an item could then refer to another.
func hasAnchor(doc string) bool {
	for i := 0; ; i++ {
		k := strings.IndexByte(doc[i:], '&')
		if k < 0 {
			return false
		}
		i += k
		if i < 2 || doc[i-1] != ' ' || (doc[i-2] != ':' && doc[i-2] != '-') {
			continue
		}
		j := i + 1
		for j < len(doc) && (keyByte(doc[j])) {
			j++
		}
		if j > i+1 && (j == len(doc) || doc[j] == ' ' || doc[j] == '\n') {
			return true
		}
	}
}

// splitItems cuts the items out of a list. head is the document without them.
func splitItems(doc string, line int32) (head string, items []span, ok bool) {
	column := -1 // of the dashes; -1 before "items:", -2 before the first dash
	begin := 0
	for i := 0; i < len(doc); line++ {
		end := len(doc)
		if k := strings.IndexByte(doc[i:], '\n'); k >= 0 {
			end = i + k
		}
		l := doc[i:end]
		content := strings.TrimLeft(l, " ")
		indent := len(l) - len(content)
		dash := content == "-" || strings.HasPrefix(content, "- ")
		switch {
		case column == -1:
			if rest, found := strings.CutPrefix(l, "items:"); found {
				if rest = strings.TrimLeft(rest, " "); rest != "" && rest[0] != '#' {
					return "", nil, false
				}
				column, begin = -2, i
			}
		case content == "" || content[0] == '#':
		case column == -2 && dash:
			column = indent
			items = append(items, span{start: i, line: line})
		case column == -2:
			return "", nil, false
		case indent == column && dash:
			items[len(items)-1].end = i
			items = append(items, span{start: i, line: line})
		case indent < column, indent == 0:
			items[len(items)-1].end = i
			return doc[:begin] + "items:\n" + doc[i:], items, indent == 0
		case indent == column:
			return "", nil, false
		}
		i = end + 1
	}
	if len(items) == 0 {
		return "", nil, false
	}
	items[len(items)-1].end = len(doc)
	return doc[:begin], items, true
}
