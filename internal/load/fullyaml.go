package load

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// syntaxError is why a document cannot be read.
type syntaxError struct {
	line int32 // 0 when unknown
	text string
	odd  bool // a map key is itself a map or list, as in an unrendered template
}

func (e *syntaxError) Error() string { return e.text }

var errorLine = regexp.MustCompile(`(?:yaml: )?(?:line (\d+): )?(.*)`)

// fullYAML reads any YAML document.
func fullYAML(a *arena, doc string, line int32) (t tree, err *syntaxError) {
	defer func() {
		// The input is hostile and the parser is not ours.
		if r := recover(); r != nil {
			t, err = tree{}, &syntaxError{text: fmt.Sprint("the YAML parser gave up: ", r)}
		}
	}()
	var root yaml.Node
	if e := yaml.Unmarshal([]byte(doc), &root); e != nil {
		m := errorLine.FindStringSubmatch(e.Error())
		s := &syntaxError{text: m[2]}
		if n, e := strconv.Atoi(m[1]); e == nil {
			s.line = line + int32(n) - 1
			if strings.HasPrefix(s.text, "did not find expected") { // counted from 0 by the parser, from 1 by its scanner
				s.line++
			}
		}
		return tree{}, s
	}
	c := converter{arena: a, offset: line - 1, active: map[*yaml.Node]bool{}, budget: maxObject}
	if len(root.Content) == 0 {
		return tree{root: a.node(null, line)}, nil
	}
	n, e := c.convert(root.Content[0], 0)
	if e != nil {
		return tree{}, e
	}
	c.tree.root = n
	return c.tree, nil
}

// converter makes our tree out of the YAML library's. Aliases are copied out, up to the size an object may have.
type converter struct {
	*arena
	tree   tree
	offset int32
	active map[*yaml.Node]bool // anchors being expanded
	inside int                 // depth of aliases
	budget int                 // bytes that aliases may still expand to
}

var errTooManyAliases = errors.New("its aliases expand to more than a Kubernetes object may hold")

func (c *converter) fail(y *yaml.Node, format string, args ...any) *syntaxError {
	return &syntaxError{line: int32(y.Line) + c.offset, text: fmt.Sprintf(format, args...)}
}

func (c *converter) convert(y *yaml.Node, depth int) (*node, *syntaxError) {
	if depth > 10*maxDepth {
		return nil, c.fail(y, "is nested too deeply")
	}
	if c.inside > 0 {
		if c.budget -= len(y.Value) + 16; c.budget < 0 {
			return nil, c.fail(y, "%v", errTooManyAliases)
		}
	}
	line := int32(y.Line) + c.offset
	switch y.Kind {
	case yaml.AliasNode:
		if y.Alias == nil || c.active[y.Alias] {
			return nil, c.fail(y, "the alias *%s contains itself", y.Value)
		}
		c.active[y.Alias] = true
		c.inside++
		n, err := c.convert(y.Alias, depth+1)
		c.inside--
		delete(c.active, y.Alias)
		return n, err
	case yaml.SequenceNode:
		n := c.node(sequence, line)
		for _, item := range y.Content {
			v, err := c.convert(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.add(v)
		}
		return n, nil
	case yaml.MappingNode:
		return c.mapping(y, line, depth)
	}
	return c.scalarOf(y, line)
}

func (c *converter) mapping(y *yaml.Node, line int32, depth int) (*node, *syntaxError) {
	n := c.node(mapping, line)
	var merged []*yaml.Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if isMerge(k) {
			merged = append(merged, v)
			continue
		}
		key, err := c.key(k)
		if err != nil {
			return nil, err
		}
		child, err := c.convert(v, depth+1)
		if err != nil {
			return nil, err
		}
		child.key, child.keyLine = key, int32(k.Line)+c.offset
		n.add(child)
	}
	c.tree.noteDuplicates(n)
	if len(merged) == 0 {
		return n, nil
	}
	have := make(map[string]bool, n.count)
	for child := range n.children {
		have[child.key] = true
	}
	for _, m := range merged {
		if err := c.merge(n, m, have, depth); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func isMerge(k *yaml.Node) bool {
	return k.Kind == yaml.ScalarNode && k.Value == "<<" && k.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 &&
		(k.Tag == "" || k.Tag == "!" || k.Tag == "!!merge")
}

// merge adds the entries of a merged map ("<<") whose keys the map does not have.
func (c *converter) merge(n *node, y *yaml.Node, have map[string]bool, depth int) *syntaxError {
	m, err := c.convert(y, depth+1)
	if err != nil {
		return err
	}
	maps := []*node{m}
	if m.kind == sequence {
		maps = maps[:0]
		for item := range m.children {
			maps = append(maps, item)
		}
	}
	for _, m := range maps {
		if m.kind != mapping {
			return c.fail(y, "only maps can be merged")
		}
		for child := m.first; child != nil; {
			following := child.next
			if !have[child.key] {
				have[child.key] = true
				child.next = nil
				n.add(child)
			}
			child = following
		}
	}
	return nil
}

func (c *converter) key(k *yaml.Node) (string, *syntaxError) {
	if k.Kind == yaml.AliasNode && k.Alias != nil {
		k = k.Alias
	}
	if k.Kind != yaml.ScalarNode {
		err := c.fail(k, "a map key is not a string")
		err.odd = true
		return "", err
	}
	if k.Style == 0 {
		s, ok := keyText(k.Value)
		if !ok {
			return "", c.fail(k, "a map key is null")
		}
		return s, nil
	}
	n, err := c.scalarOf(k, 0)
	if err != nil {
		return "", err
	}
	if n.kind == null {
		return "", c.fail(k, "a map key is null")
	}
	return n.text, nil
}

// scalarOf types a scalar: quoted and block scalars are strings, unquoted ones are resolved, tagged ones must be what
// their tag says.
func (c *converter) scalarOf(y *yaml.Node, line int32) (*node, *syntaxError) {
	if y.Style&yaml.TaggedStyle == 0 {
		if y.Style != 0 && y.Style != yaml.FlowStyle {
			return c.scalar(text, y.Value, line), nil
		}
		k, v := resolve(y.Value)
		return c.scalar(k, v, line), nil
	}
	k, v := resolve(y.Value)
	ok := true
	switch y.Tag {
	case "!!bool":
		ok = k == boolean
	case "!!int":
		ok = k == integer
	case "!!float":
		ok = k == float || k == integer
	case "!!null":
		ok = k == null
	case "!!binary":
		b, err := base64.StdEncoding.DecodeString(y.Value)
		k, v, ok = text, string(b), err == nil
	default:
		k, v = text, y.Value
	}
	if !ok {
		return nil, c.fail(y, "%q is no %s", y.Value, y.Tag[2:])
	}
	return c.scalar(k, v, line), nil
}
