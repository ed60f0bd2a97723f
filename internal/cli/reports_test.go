package cli

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/validate/full"
)

const reportsFolder = "../../testdata/reports"

// goldenReports are the formats whose reports of the mixed fleet are kept, by file.
var goldenReports = map[string][]string{
	"report.txt":   {"-o", "text"},
	"table.txt":    {"-o", "table"},
	"wide.txt":     {"-o", "wide", "--no-headers"},
	"report.json":  {"-o", "json"},
	"report.yaml":  {"-o", "yaml"},
	"report.md":    {"-o", "markdown"},
	"report.sarif": {"-o", "sarif"},
	"junit.xml":    {"-o", "junit"},
}

// runReport runs the command as users do, from the folder of the fleet.
func runReport(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	words := append([]string{"ingress2gw", "report", "-f", "fleet", "--controller-config", "ingress-nginx/ingress-nginx-controller", "--team-label", "team"}, args...)
	code = Run(t.Context(), words, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, Dependencies{
		Version: "dev", Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: translate.Translate, ValidateFull: full.Full, Getenv: func(string) string { return "" },
	})
	return out.String(), errs.String(), code
}

func TestReportsOfTheMixedFleet(t *testing.T) {
	t.Chdir(reportsFolder)
	for file, args := range goldenReports {
		t.Run(file, func(t *testing.T) {
			got, stderr, code := runReport(t, args...)
			if diff := cmp.Diff("ingress2gw: 5 findings at or above --fail-on, 2 about protections that were withheld\n", stderr); diff != "" || code != 1 {
				t.Errorf("exit code %d, standard error (-want +got):\n%s", code, diff)
			}
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s differs; if the new one is right, run make golden (-file +program):\n%s", file, diff)
			}
		})
	}
}

func schemaOf(t *testing.T, path string, closed bool) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	if closed {
		closeObjects(doc)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("file:///schema.json", doc))
	s, err := c.Compile("file:///schema.json")
	require.NoError(t, err)
	return s
}

// closeObjects forbids fields that the schema does not list: it is published open, so that fields can be added, and none may be
// forgotten.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"]; ok {
			v["additionalProperties"] = false
		}
		for _, below := range v {
			closeObjects(below)
		}
	case []any:
		for _, below := range v {
			closeObjects(below)
		}
	}
}

func validates(t *testing.T, s *jsonschema.Schema, document string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	require.NoError(t, err)
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v", err)
	}
}

func TestJSONReportsKeepToThePublishedSchema(t *testing.T) {
	s := schemaOf(t, filepath.Join(docsFolder, "report.schema.json"), true)
	t.Chdir(reportsFolder)
	before, _, _ := runReport(t, "-o", "json")
	validates(t, s, before)
	baseline := filepath.Join(t.TempDir(), "before.json")
	require.NoError(t, os.WriteFile(baseline, []byte(before), 0o600))
	compared, _, _ := runReport(t, "-o", "json", "--baseline", baseline, "--suppress", "I2G5*")
	validates(t, s, compared)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(before, `"counts"`, `"added":1,"counts"`, 1)))
	require.NoError(t, err)
	if s.Validate(doc) == nil {
		t.Error("a field that the schema does not list passes")
	}
	published := schemaOf(t, filepath.Join("../..", "docs", "report.schema.json"), false)
	if err := published.Validate(doc); err != nil {
		t.Errorf("a field that a later version adds does not pass the published schema: %v", err)
	}
}

func TestYAMLReportsSayWhatJSONReportsSay(t *testing.T) {
	t.Chdir(reportsFolder)
	inYAML, _, _ := runReport(t, "-o", "yaml")
	inJSON, _, _ := runReport(t, "-o", "json")
	var a, b any
	require.NoError(t, sigsyaml.Unmarshal([]byte(inYAML), &a))
	require.NoError(t, json.Unmarshal([]byte(inJSON), &b))
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("(-json +yaml):\n%s", diff)
	}
}

func TestSARIFReportsKeepToTheStandard(t *testing.T) {
	t.Chdir(reportsFolder)
	s := schemaOf(t, "schema/sarif-2.1.0.json", false)
	report, _, _ := runReport(t, "-o", "sarif")
	validates(t, s, report)
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID              string
				PartialFingerprints map[string]string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(report), &log))
	require.Len(t, log.Runs, 1)
	seen := map[string]bool{}
	for _, r := range log.Runs[0].Results {
		id := r.PartialFingerprints["ingress2gw/v1"]
		if len(id) != 32 || seen[id] {
			t.Errorf("%s: the fingerprint %q is none, or that of another result", r.RuleID, id)
		}
		seen[id] = true
	}
	require.Greater(t, len(seen), 10)
}

func TestFingerprintsDoNotDependOnLines(t *testing.T) {
	fingerprints := func(text string) map[string]string {
		file := filepath.Join(t.TempDir(), "in.yaml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		var out bytes.Buffer
		Run(t.Context(), []string{"ingress2gw", "report", "-f", file, "-o", "sarif"}, Streams{Out: &out, Err: &bytes.Buffer{}}, Dependencies{
			Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: translate.Translate, Getenv: func(string) string { return "" },
		})
		var log struct {
			Runs []struct {
				Results []struct {
					RuleID    string
					Locations []struct {
						LogicalLocations []struct{ FullyQualifiedName string }
					}
					PartialFingerprints map[string]string
				}
			}
		}
		require.NoError(t, json.Unmarshal(out.Bytes(), &log))
		ids := map[string]string{}
		for _, r := range log.Runs[0].Results {
			if len(r.Locations) > 0 {
				ids[r.PartialFingerprints["ingress2gw/v1"]] = r.RuleID + " " + r.Locations[0].LogicalLocations[0].FullyQualifiedName
			}
		}
		require.NotEmpty(t, ids)
		return ids
	}
	data, err := os.ReadFile(filepath.Join(reportsFolder, "fleet/billing.yaml"))
	require.NoError(t, err)
	if diff := cmp.Diff(fingerprints(string(data)), fingerprints("# moved\n\n\n"+string(data))); diff != "" {
		t.Errorf("(-before +moved):\n%s", diff)
	}
}

func TestJUnitReportsFailWhereTheRunFails(t *testing.T) {
	t.Chdir(reportsFolder)
	for failOn, want := range map[string]map[string]bool{
		"error":   {"billing/admin": true, "billing/broken": true, "billing/dropped": true, "checkout/pay": true},
		"never":   {"billing/admin": true, "checkout/pay": true},
		"warning": {"billing/admin": true, "billing/broken": true, "billing/dropped": true, "checkout/pay": true, "billing/api": true, "billing/metrics": true, "shop/images": true, "(platform)/input": true},
	} {
		report, _, _ := runReport(t, "-o", "junit", "--fail-on", failOn)
		var suites struct {
			Failures int `xml:"failures,attr"`
			Suites   []struct {
				Name  string `xml:"name,attr"`
				Cases []struct {
					Name    string    `xml:"name,attr"`
					Failure *struct{} `xml:"failure"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		require.NoError(t, xml.Unmarshal([]byte(report), &suites))
		got := map[string]bool{}
		for _, s := range suites.Suites {
			for _, c := range s.Cases {
				if c.Failure != nil {
					got[s.Name+"/"+c.Name] = true
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || suites.Failures != len(want) {
			t.Errorf("--fail-on %s: %d failures (-want +got):\n%s", failOn, suites.Failures, diff)
		}
	}
}
