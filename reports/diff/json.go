package diff

import (
	"encoding/json"
	"io"
)

// The schema of the JSON form. Fields may be added within a version; none changes its meaning or goes away.
const (
	apiVersion = "ingress2gw.io/v1alpha1"
	kind       = "Diff"
)

type jsonDiff struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Counts     map[Action]int `json:"counts"`
	Notices    []string       `json:"notices,omitempty"`
	Changes    []jsonChange   `json:"changes"`
}

type jsonChange struct {
	Action     Action         `json:"action"`
	Object     jsonID         `json:"object"`
	Owner      string         `json:"owner,omitempty"` // "platform", or the namespace of a team
	Reason     string         `json:"reason,omitempty"`
	Incomplete bool           `json:"incomplete,omitempty"`
	Fields     []jsonField    `json:"fields,omitempty"`
	Causes     []jsonCause    `json:"causes,omitempty"`
	Conflicts  []jsonConflict `json:"conflicts,omitempty"`
	Notices    []string       `json:"notices,omitempty"`
}

type jsonID struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

type jsonField struct {
	Path     string      `json:"path"`
	Live     *any        `json:"live,omitempty"`
	Wanted   *any        `json:"wanted,omitempty"`
	Managers []string    `json:"managers,omitempty"`
	Causes   []jsonCause `json:"causes,omitempty"`
}

type jsonCause struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Field     string `json:"field,omitempty"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
}

type jsonConflict struct {
	Field   string `json:"field"`
	Manager string `json:"manager"`
}

// WriteJSON writes a comparison as one JSON document. Objects that do not change are counted only, unless there is something
// to know of them.
func WriteJSON(w io.Writer, d *Diff) error {
	out := jsonDiff{APIVersion: apiVersion, Kind: kind, Counts: map[Action]int{}, Notices: d.Notices, Changes: []jsonChange{}}
	for _, a := range Actions() {
		out.Counts[a] = d.Count(a)
	}
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Action == Unchanged && len(c.remarks()) == 0 {
			continue
		}
		out.Changes = append(out.Changes, c.json())
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func (c *Change) json() jsonChange {
	j := jsonChange{
		Action: c.Action, Object: jsonID(c.ID), Owner: c.Owner, Reason: c.Reason, Incomplete: c.Incomplete, Notices: c.Notices, Causes: jsonCauses(c.Causes),
	}
	if j.Owner == "" && c.Action != Pruned {
		j.Owner = "platform"
	}
	for _, f := range c.Fields {
		x := jsonField{Path: f.Path.String(), Managers: f.Managers, Causes: jsonCauses(f.Causes)}
		if f.LiveThere {
			x.Live = &f.Live
		}
		if f.WantedHere {
			x.Wanted = &f.Wanted
		}
		j.Fields = append(j.Fields, x)
	}
	for _, x := range c.Conflicts {
		j.Conflicts = append(j.Conflicts, jsonConflict{x.Field, x.Manager})
	}
	return j
}

func jsonCauses(causes []Cause) []jsonCause {
	var out []jsonCause
	for _, c := range causes {
		o := c.Origin.Object
		if o == nil {
			continue
		}
		j := jsonCause{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name, Field: c.Origin.Field, File: o.File, Line: c.Origin.Line}
		if j.Line == 0 {
			j.Line = o.Line
		}
		out = append(out, j)
	}
	return out
}
