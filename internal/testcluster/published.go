// Package testcluster starts etcd and kube-apiserver for the tests of other packages.
package testcluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// published are modules with CustomResourceDefinitions of other projects, and where their versions are pinned: a variable of
// test/versions.mk, or go.mod if none is named.
var published = map[string]struct{ module, variable, folder string }{
	"cert-manager.io":           {"github.com/cert-manager/cert-manager", "CERT_MANAGER_VERSION", "deploy/crds"},
	"monitoring.coreos.com":     {"github.com/prometheus-operator/prometheus-operator", "PROMETHEUS_OPERATOR_VERSION", "example/prometheus-operator-crd"},
	"gateway.networking.k8s.io": {"sigs.k8s.io/gateway-api", "", "config/crd/standard"},
}

// Published is the file with the definition of a kind of another project, as that project publishes it.
func Published(group, plural string) (string, error) {
	p, ok := published[group]
	if !ok {
		return "", fmt.Errorf("nobody is known to publish %s", group)
	}
	module := p.module
	if p.variable != "" {
		version, err := pinned(p.variable)
		if err != nil {
			return "", err
		}
		module += "@" + version
	}
	// The module does not become a dependency.
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	var info struct{ Dir, Error string }
	if err := errors.Join(json.Unmarshal(out, &info), err); err != nil {
		return "", fmt.Errorf("downloading %s: %w %s", module, err, info.Error)
	}
	file := filepath.Join(info.Dir, p.folder, group+"_"+plural+".yaml")
	_, err = os.Stat(file)
	return file, err
}

// pinned is the version that test/versions.mk says.
func pinned(variable string) (string, error) {
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	file := filepath.Join(filepath.Dir(string(gomod)), "test", "versions.mk")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`(?m)^` + variable + `\s*:=\s*(\S+)$`).FindSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("%s does not say %s", file, variable)
	}
	return string(m[1]), nil
}
