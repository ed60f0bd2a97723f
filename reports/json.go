package reports

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// The schema of the JSON report. Fields may be added within a version; none changes its meaning or goes away.
const (
	apiVersion = "ingress2gw.io/v1alpha1"
	kind       = "Report"
)

type jsonHead struct {
	APIVersion string             `json:"apiVersion"`
	Kind       string             `json:"kind"`
	Version    string             `json:"version,omitempty"`
	Counts     Counts             `json:"counts"`
	Classes    map[string]int     `json:"classes"`
	Objects    []jsonObjects      `json:"objects"`
	Blocking   int                `json:"blocking"`
	Suppressed int                `json:"suppressed,omitempty"`
	Severities jsonSeverityCounts `json:"severities"`
}

type jsonSeverityCounts struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

type jsonObjects struct {
	Kind     string `json:"kind"`
	Platform int    `json:"platform"`
	Teams    int    `json:"teams"`
}

type jsonFinding struct {
	Code     finding.Code     `json:"code"`
	Name     string           `json:"name"`
	Class    finding.Class    `json:"class,omitempty"`
	Severity finding.Severity `json:"severity"`
	Blocking bool             `json:"blocking"`
	Waived   bool             `json:"waived"`
	Object   *jsonObject      `json:"object,omitempty"`
	File     string           `json:"file,omitempty"`
	Line     int              `json:"line,omitempty"`
	Field    string           `json:"field,omitempty"`
	Message  string           `json:"message"`
	Advice   string           `json:"advice,omitempty"`
}

type jsonObject struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// WriteJSON writes the report as one JSON document, a finding a line.
func WriteJSON(w io.Writer, r *Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head(r)); err != nil {
		return err
	}
	b.Truncate(b.Len() - len("}\n"))
	b.WriteString(",\"findings\":[")
	for i, f := range r.Findings {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		if err := enc.Encode(toJSON(f)); err != nil {
			return err
		}
		b.Truncate(b.Len() - len("\n"))
		if b.Len() > 1<<16 {
			if _, err := b.WriteTo(w); err != nil {
				return err
			}
		}
	}
	b.WriteString("\n]}\n")
	_, err := b.WriteTo(w)
	return err
}

func head(r *Report) jsonHead {
	h := jsonHead{APIVersion: apiVersion, Kind: kind, Version: r.Version, Counts: r.Counts, Blocking: r.Blocking(), Suppressed: r.Suppressed, Classes: map[string]int{}, Objects: []jsonObjects{}}
	for _, c := range r.Classes {
		h.Classes[string(c.Class)] = c.Count
	}
	for _, o := range r.Objects {
		h.Objects = append(h.Objects, jsonObjects(o))
	}
	for _, f := range r.Findings {
		switch f.Severity() {
		case finding.Error:
			h.Severities.Error++
		case finding.Warning:
			h.Severities.Warning++
		case finding.Info:
			h.Severities.Info++
		}
	}
	return h
}

func toJSON(f finding.Finding) jsonFinding {
	entry := f.Code.Entry()
	j := jsonFinding{
		Code: f.Code, Name: entry.Name, Class: f.Class, Severity: f.Severity(), Blocking: f.Blocking(), Waived: f.Waived,
		Field: f.Origin.Field, Line: f.Origin.Line, Message: f.Message(), Advice: entry.Advice,
	}
	if o := f.Origin.Object; o != nil {
		j.Object = &jsonObject{o.Kind, o.Namespace, o.Name}
		j.File = o.File
		if j.Line == 0 {
			j.Line = o.Line
		}
	}
	return j
}
