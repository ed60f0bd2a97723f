package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

const (
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sarifVersion = "2.1.0"
	home         = "https://github.com/ingress2gw/ingress2gw"
	fingerprint  = "ingress2gw/v1" // names what the fingerprint is made of
)

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Short   sarifText `json:"shortDescription"`
	Help    sarifText `json:"help"`
	HelpURI string    `json:"helpUri"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations,omitempty"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Baseline     string             `json:"baselineState,omitempty"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifSuppression struct {
	Kind string `json:"kind"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name      string `json:"name"`
	Qualified string `json:"fullyQualifiedName"`
	Kind      string `json:"kind"`
}

// WriteSARIF writes the findings that say more than that all is well in the Static Analysis Results Interchange Format 2.1.0,
// one result a line.
func WriteSARIF(w io.Writer, r *Report) error {
	s := sarif{report: r, index: map[finding.Code]int{}, ids: identities{}}
	s.j = &jsonWriter{w: w}
	s.j.enc = json.NewEncoder(&s.j.buf)
	s.j.enc.SetEscapeHTML(false)
	driver := sarifDriver{Name: "ingress2gw", Version: r.Version, InformationURI: home, Rules: s.rules()}
	s.j.buf.WriteString(`{"$schema":"` + sarifSchema + `","version":"` + sarifVersion + `","runs":[{"tool":`)
	s.j.encode(sarifTool{driver})
	s.j.cut("\n")
	s.j.buf.WriteString(`,"columnKind":"unicodeCodePoints","results":[`)
	n := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		id := s.ids.of(f) // counts those that are left out, too
		if !telling(f) {
			continue
		}
		if n > 0 {
			s.j.buf.WriteByte(',')
		}
		n++
		s.j.buf.WriteByte('\n')
		s.j.encode(s.result(f, id))
		s.j.cut("\n")
		s.j.flush(1 << 16)
	}
	s.j.buf.WriteString("\n]}]}\n")
	s.j.flush(0)
	return s.j.err
}

type sarif struct {
	report *Report
	j      *jsonWriter
	index  map[finding.Code]int
	ids    identities
}

// rules describes the codes that occur.
func (s *sarif) rules() []sarifRule {
	var codes []finding.Code
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		if _, ok := s.index[f.Code]; !ok && telling(f) {
			s.index[f.Code] = 0
			codes = append(codes, f.Code)
		}
	}
	slices.Sort(codes)
	rules := []sarifRule{}
	for i, c := range codes {
		s.index[c] = i
		e := c.Entry()
		r := sarifRule{
			ID: string(c), Name: e.Name, Short: sarifText{strings.ReplaceAll(e.Message, "%s", "…")}, Help: sarifText{cmp.Or(e.Advice, "Nothing.")},
			HelpURI: FindingPage(c),
		}
		r.Default.Level = sarifLevel(e.Severity)
		rules = append(rules, r)
	}
	return rules
}

// FindingPage is the address of the documentation of a code.
func FindingPage(c finding.Code) string {
	return home + "/blob/main/docs/findings/" + c.Page() + ".md#" + strings.ToLower(string(c)+"-"+c.Entry().Name)
}

func sarifLevel(s finding.Severity) string {
	switch s {
	case finding.Error:
		return "error"
	case finding.Warning:
		return "warning"
	}
	return "note"
}

func (s *sarif) result(f *finding.Finding, id string) sarifResult {
	sum := sha256.Sum256([]byte(id))
	out := sarifResult{
		RuleID: string(f.Code), RuleIndex: s.index[f.Code], Level: sarifLevel(f.Severity()), Message: sarifText{sarifMessage(f.Message())},
		Fingerprints: map[string]string{fingerprint: hex.EncodeToString(sum[:16])},
	}
	if s.report.Compared {
		out.Baseline = "new"
		if f.Known {
			out.Baseline = "unchanged"
		}
	}
	if f.Waived {
		out.Suppressions = []sarifSuppression{{"external"}}
	}
	if l := sarifPlace(f); l.Physical != nil || l.Logical != nil {
		out.Locations = []sarifLocation{l}
	}
	return out
}

// sarifMessage keeps a text from being read as a link, which brackets before a parenthesis make of it.
func sarifMessage(text string) string {
	return strings.ReplaceAll(Clean(text, 0), "](", "]\u200b(")
}

func sarifPlace(f *finding.Finding) sarifLocation {
	var out sarifLocation
	o := f.Origin.Object
	if o == nil {
		if f.Origin.Field != "" {
			out.Logical = []sarifLogical{{Name: f.Origin.Field, Qualified: f.Origin.Field, Kind: "parameter"}}
		}
		return out
	}
	out.Logical = []sarifLogical{{Name: o.Name, Qualified: strings.TrimSuffix(o.Ref()+" "+f.Origin.Field, " "), Kind: "resource"}}
	if uri := sarifURI(o.File); uri != "" {
		out.Physical = &sarifPhysical{Artifact: sarifArtifact{uri}}
		if line := cmp.Or(f.Origin.Line, o.Line); line > 0 {
			out.Physical.Region = &sarifRegion{line}
		}
	}
	return out
}

// sarifURI is the URI of a file as it was given on the command line: relative ones stay relative.
func sarifURI(file string) string {
	if file == "" || file == "-" || file == "STDIN" {
		return ""
	}
	if u, err := url.Parse(file); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return u.String()
	}
	slashed := filepath.ToSlash(filepath.Clean(file))
	u := url.URL{Path: slashed}
	if strings.HasPrefix(slashed, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
