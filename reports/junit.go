package reports

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Skipped *junitSkipped `xml:"skipped"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// platformSuite holds what is about no Ingress.
const platformSuite = "(platform)"

// WriteJUnit writes a test suite for each namespace and a case for each Ingress, which fails with the findings that make the run
// fail: at or above the threshold or blocking, and not in the baseline.
func WriteJUnit(w io.Writer, r *Report) error {
	suites := map[string]*junitSuite{}
	suite := func(name string) *junitSuite {
		s := suites[name]
		if s == nil {
			s = &junitSuite{Name: Clean(name, 0)}
			suites[name] = s
		}
		return s
	}
	others := suite(platformSuite)
	others.add("input", "", finding.Origin{}, r.failing(notOfAnIngress(r)))
	for _, in := range r.Details.Ingresses {
		s := suite(in.Object.Namespace)
		s.add(in.Object.Name, in.State, finding.Origin{Object: in.Object}, r.failing(in.Findings))
	}
	names := make([]string, 0, len(suites))
	total := junitSuite{}
	for name, s := range suites {
		names = append(names, name)
		total.Tests, total.Failures, total.Skipped = total.Tests+s.Tests, total.Failures+s.Failures, total.Skipped+s.Skipped
	}
	slices.Sort(names)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s<testsuites name=\"ingress2gw\" tests=\"%d\" failures=\"%d\" skipped=\"%d\">\n", xml.Header, total.Tests, total.Failures, total.Skipped)
	enc := xml.NewEncoder(out)
	enc.Indent("  ", "  ")
	for _, name := range names {
		if err := enc.Encode(suites[name]); err != nil {
			return err
		}
	}
	fmt.Fprint(out, "\n</testsuites>\n")
	return out.Flush()
}

func notOfAnIngress(r *Report) []finding.Finding {
	var out []finding.Finding
	for _, f := range r.Findings {
		if o := f.Origin.Object; o == nil || o.Kind != "Ingress" || o.Name == "" {
			out = append(out, f)
		}
	}
	return out
}

// failing are the findings that make a run fail.
func (r *Report) failing(all []finding.Finding) []*finding.Finding {
	var out []*finding.Finding
	for i := range all {
		if f := &all[i]; !f.Known && (f.Blocking() || f.Severity() >= r.Threshold) {
			out = append(out, f)
		}
	}
	return out
}

func (s *junitSuite) add(name string, state State, o finding.Origin, failing []*finding.Finding) {
	c := junitCase{Class: s.Name, Name: Clean(name, 0)}
	if o.Object != nil {
		c.File, c.Line = Clean(o.Object.File, 0), o.Object.Line
	}
	switch {
	case len(failing) > 0:
		var text strings.Builder
		for _, f := range failing {
			fmt.Fprintf(&text, "\n%s %s %s", f.Code, f.Severity(), Clean(f.Message(), 0))
			if place := f.Origin.Place(); place != "" {
				fmt.Fprintf(&text, " (%s)", Clean(place, 0))
			}
		}
		c.Failure = &junitFailure{Type: string(failing[0].Code), Message: Clean(failing[0].Message(), 0), Text: text.String() + "\n"}
		s.Failures++
	case state == Skipped:
		c.Skipped = &junitSkipped{"belongs to another controller"}
		s.Skipped++
	}
	s.Tests++
	s.Cases = append(s.Cases, c)
}
