package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/validate"
	"github.com/ingress2gw/ingress2gw/translate/validate/full"
)

// realTranslation is a variable of the environment by which a process of a test translates as the program does.
const realTranslation = "INGRESS2GW_TEST_REAL"

// The scripts run the whole command line, in a process of its own, over a translation that is small and under their control:
// what the real one says is not what they test.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ingress2gw": func() {
			deps := fakes()
			if os.Getenv(realTranslation) != "" {
				deps = program()
			}
			os.Exit(Run(context.Background(), os.Args, SystemStreams(), deps))
		},
		"kubectl-ingress2gw":          func() { os.Exit(Run(context.Background(), os.Args, SystemStreams(), fakes())) },
		"kubectl_complete-ingress2gw": func() { os.Exit(Run(context.Background(), os.Args, SystemStreams(), fakes())) },
		"ingress2gw-fn":               func() { os.Exit(Run(context.Background(), os.Args, SystemStreams(), program())) },
		"kustomize":                   kustomizeBuild,
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"mode":  mode,
			"count": countFiles,
		},
	})
}

// exits runs a command and wants an exit code: exits CODE COMMAND...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// mode wants the permissions of a file: mode 600 FILE
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s, not %s", args[1], got, args[0])
	}
}

// count wants a number of files in a folder, at any depth: count COUNT FOLDER
func countFiles(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[1]), func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got++
		}
		return err
	}))
	if got != want {
		ts.Fatalf("%d files in %s, not %d", got, args[1], want)
	}
}

// kustomizeBuild is kustomize build --enable-alpha-plugins --enable-exec FOLDER, with the library that the program is made of.
func kustomizeBuild() {
	options := krusty.MakeDefaultOptions()
	options.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
	options.PluginConfig.FnpLoadingOptions.EnableExec = true
	objects, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), os.Args[len(os.Args)-1])
	if err == nil {
		var text []byte
		if text, err = objects.AsYaml(); err == nil {
			_, err = os.Stdout.Write(text)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

// program are the dependencies of the program.
func program() Dependencies {
	return Dependencies{
		Version: "dev", Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: translate.Translate, ValidateFull: full.Full, Getenv: os.Getenv,
	}
}

func fakes() Dependencies {
	return Dependencies{
		Version: "v0.0.0-test", Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: fakeTranslate, Getenv: os.Getenv,
		ValidateFull: func(objects []*manifest.Object) ([]validate.Problem, error) {
			var out []validate.Problem
			for _, o := range objects {
				if o.Labels["test"] == "bad" {
					out = append(out, validate.Problem{Object: o.ID(), Field: "spec", Reason: "is bad"})
				}
			}
			return out, nil
		},
	}
}

// fakeTranslate makes a Gateway, a VirtualService for each Ingress, copies of certificates, and the findings that annotations
// demand by their code.
func fakeTranslate(s *snapshot.Snapshot, o translate.Options) *translate.Result {
	s.Normalise()
	gateway := o.Target.Gateway.Namespace
	ours := map[string]string{"app.kubernetes.io/managed-by": "ingress2gw"}
	r := &translate.Result{
		Model:      &model.Edge{},
		MeshConfig: manifest.Map{{Key: "pathNormalization", Value: manifest.Map{{Key: "normalization", Value: "DECODE_AND_MERGE_SLASHES"}}}},
		Counts:     translate.Counts{In: s.Read, Failed: s.Failed},
		Findings:   s.Findings.Sorted(),
	}
	for _, in := range s.Ingresses {
		if in.Annotations["test/panic"] != "" {
			panic(in.Annotations["test/panic"])
		}
		r.Counts.Converted++
		r.Objects = append(r.Objects, &manifest.Object{
			APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: in.Namespace, Name: in.Name, Owner: in.Namespace,
			Labels: map[string]string{"app.kubernetes.io/managed-by": "ingress2gw", "test": in.Annotations["test/label"]}, Spec: manifest.Map{{Key: "hosts", Value: []string{"a.test"}}},
		})
		if code := in.Annotations["test/finding"]; code != "" {
			origin := finding.Origin{Object: in.Object, Field: "test/finding", Line: in.Lines.Annotations["test/finding"]}
			r.Findings = append(r.Findings, finding.Finding{Code: finding.Code(code), Class: finding.Code(code).Entry().Class, Origin: origin, Args: []string{"x", "y"}})
		}
		for _, t := range in.Spec.TLS {
			if o.Target.TLS == emit.TLSCopy {
				r.Objects = append(r.Objects, &manifest.Object{
					APIVersion: "v1", Kind: "Secret", Labels: ours, Namespace: gateway, Name: in.Namespace + "." + t.SecretName, Owner: in.Namespace, Secret: true,
					Fields: manifest.Map{{Key: "type", Value: "kubernetes.io/tls"}, {Key: "data", Value: manifest.Map{{Key: "tls.key", Value: []byte("secret")}}}},
				})
			}
		}
		r.Model.Hosts = append(r.Model.Hosts, &model.Host{Name: in.Name, Origin: finding.Origin{Object: in.Object}, Rules: []*model.Rule{{
			Match: model.Match{Path: model.ExactPath("/x")}, Action: model.Forward{Backend: model.Backend{Namespace: in.Namespace, Service: "web", Port: 80}},
		}}})
	}
	if len(r.Objects) > 0 && !o.Target.RoutesOnly {
		r.Objects = append(r.Objects, &manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "Gateway", Labels: ours, Namespace: gateway, Name: "i2g-http", Spec: manifest.Map{{Key: "selector", Value: o.Target.Gateway.Selector}}})
	}
	return r
}
