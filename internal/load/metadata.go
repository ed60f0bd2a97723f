package load

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// maxAnnotations is how much the annotations of one object may hold together.
const maxAnnotations = 256 << 10

// scope says whether objects of a kind live in namespaces, and how their names are checked.
type scope struct {
	namespaced bool
	name       func(string) string
}

// meta reads an object's metadata, and with it the object's identity. Fields that no translation looks at (owners,
// finalizers, managed fields) are passed over.
func (d *subject) meta(n *node, s scope) (m metav1.ObjectMeta, annotationLines map[string]int) {
	at := path{key: "metadata"}
	line := n.line
	md := n.get("metadata")
	if md != nil {
		line = md.keyLine
	}
	if d.is(md, at, mapping) {
		for c := range md.children {
			here := path{up: &at, key: c.key}
			switch c.key {
			case "name":
				line = c.keyLine
				m.Name = d.name(c, here)
			case "namespace":
				m.Namespace = d.text(c, here)
				if m.Namespace != "" && s.namespaced {
					d.check(here, c.keyLine, m.Namespace, checkLabel(m.Namespace))
				}
			case "labels":
				m.Labels = d.labels(c, here)
			case "annotations":
				m.Annotations, annotationLines = d.annotations(c, here)
			case "creationTimestamp":
				m.CreationTimestamp = d.time(c, here)
			case "uid":
				m.UID = types.UID(d.text(c, here))
			case "resourceVersion":
				m.ResourceVersion = d.text(c, here)
			case "generation":
				m.Generation = d.generation(c, here)
			case "generateName", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields":
			default:
				if d.object.Kind == "Ingress" {
					d.unknown(c, here)
				}
			}
		}
	}
	d.identify(&m, s, line)
	return m, annotationLines
}

// identify completes the identity and checks it.
func (d *subject) identify(m *metav1.ObjectMeta, s scope, line int32) {
	if !s.namespaced {
		m.Namespace = ""
	} else if m.Namespace == "" {
		m.Namespace = d.filter.defaultNamespace()
	}
	d.object.Namespace, d.object.Name = m.Namespace, m.Name
	if at := "metadata.name"; m.Name == "" {
		d.refuse(path{key: at}, line, "is missing")
	} else {
		d.check(path{key: at}, line, m.Name, s.name(m.Name))
	}
}

func (d *subject) labels(n *node, at path) map[string]string {
	if !d.is(n, at, mapping) {
		return nil
	}
	labels := make(map[string]string, n.count)
	for c := range n.children {
		here := path{up: &at, key: c.key}
		v := d.text(c, here)
		d.check(here, c.keyLine, c.key, checkKey(c.key))
		d.check(here, c.keyLine, v, checkLabelValue(v))
		labels[d.keep(c.key)] = v
	}
	return labels
}

// annotations reads annotations with their lines. What kubectl keeps of the object as it was last applied is dropped: it is a
// second copy of everything.
func (d *subject) annotations(n *node, at path) (values map[string]string, lines map[string]int) {
	if !d.is(n, at, mapping) {
		return nil, nil
	}
	values = make(map[string]string, n.count)
	if !d.unplaced {
		lines = make(map[string]int, n.count)
	}
	size := 0
	for c := range n.children {
		key := d.keep(c.key)
		here := path{key: key}
		size += len(key) + len(c.text)
		d.check(here, c.keyLine, key, checkKey(key))
		switch {
		case c.kind == null, key == corev1.LastAppliedConfigAnnotation && c.kind == text:
			values[key] = ""
		case c.kind != text:
			d.wrongKind(c, here, text)
		default:
			d.inspect(c, here, true)
			values[key] = d.keep(c.text)
		}
		if lines != nil {
			lines[key] = int(c.keyLine)
		}
	}
	if size > maxAnnotations {
		d.refuse(at, n.keyLine, "must hold at most 256 KiB")
	}
	return values, lines
}

func (d *subject) time(n *node, at path) metav1.Time {
	if n.kind == null {
		return metav1.Time{}
	}
	s := d.text(n, at)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil && n.kind == text {
		d.refuse(at, n.keyLine, "must be a time such as 2025-01-31T12:00:00Z")
		return metav1.Time{}
	}
	return metav1.Time{Time: t}
}

func (d *subject) generation(n *node, at path) int64 {
	if n.kind == null {
		return 0
	}
	i, err := strconv.ParseInt(n.text, 10, 64)
	if n.kind != integer || err != nil {
		d.wrongKind(n, at, integer)
	}
	return i
}

// sizeOf writes a number of bytes in MiB.
func sizeOf(n int) string {
	return strings.TrimSuffix(strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64), ".0") + " MiB"
}
