// Package standin stands in for the images that ours are made from, where no registry can be reached.
package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
)

// The images, as BuildKit calls them.
const (
	goImage = "docker.io/library/golang:"
	static  = "gcr.io/distroless/static:nonroot"
)

// goRoot is where Go is in its image here. The published one has it below /usr, which cannot be added to without changing this machine's.
const goRoot = "/go-root"

// Nonroot is the user of distroless images with that tag.
const Nonroot = 65532

// Bases are the images. They are read as BuildKit reads those of a registry.
type Bases struct {
	version        string // of Go
	root           string // where Go is
	modules, cache string // which are kept between builds
	env            []string
}

// sources are variables that say where modules come from.
var sources = []string{"GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE"}

// Local gives bases that hold what this machine has.
func Local() (*Bases, error) {
	out, err := exec.Command("go", append([]string{"env", "GOVERSION", "GOROOT", "GOMODCACHE", "GOCACHE"}, sources...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("finding Go: %w", err)
	}
	lines := strings.Split(string(out), "\n")
	b := &Bases{version: strings.TrimPrefix(lines[0], "go"), root: lines[1], modules: lines[2], cache: lines[3]}
	for i, name := range sources {
		b.env = append(b.env, name+"="+lines[4+i])
	}
	return b, nil
}

// ResolveImageConfig says what the published image says of itself.
func (b *Bases) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: *opt.ImageOpt.Platform}
	image.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(ref)}} // an image without any is taken for an empty one
	const usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	switch {
	case strings.HasPrefix(ref, goImage):
		if want := strings.TrimPrefix(ref, goImage); b.version != want && !strings.HasPrefix(b.version, want+".") {
			return "", "", nil, fmt.Errorf("%s is wanted, here is Go %s", ref, b.version)
		}
		if got := image.OS + "/" + image.Architecture; got != runtime.GOOS+"/"+runtime.GOARCH {
			return "", "", nil, fmt.Errorf("%s is wanted for %s, which does not run here", ref, got)
		}
		image.Config.Env = []string{"PATH=/go/bin:" + goRoot + "/bin:" + usual, "GOLANG_VERSION=" + b.version, "GOTOOLCHAIN=local", "GOPATH=/go"}
		image.Config.WorkingDir = "/go"
	case ref == static:
		image.Config.Env = []string{"PATH=" + usual, "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"}
		image.Config.User, image.Config.WorkingDir = fmt.Sprint(Nonroot), "/home/nonroot"
	default:
		return "", "", nil, fmt.Errorf("nothing stands in for %s", ref)
	}
	text, err := json.Marshal(image)
	return ref, digest.FromBytes(text), text, err
}

// Unpack writes the files of an image into an empty folder. A program in it sees the mounts as well, and has the variables.
func (b *Bases) Unpack(ref, dir string) (mounts []inside.Mount, env []string, err error) {
	ref, _, _ = strings.Cut(ref, "@")
	if ref == static {
		return nil, nil, unpackStatic(dir)
	}
	if !strings.HasPrefix(ref, goImage) {
		return nil, nil, fmt.Errorf("nothing stands in for %s", ref)
	}
	return b.unpackGo(dir)
}

// unpackStatic has less than the published image: no certificates of authorities and no time zones. What runs with this runs with that.
func unpackStatic(dir string) error {
	for name, text := range map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
		"etc/group":  "root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "home/nonroot"), 0o755); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		if err := os.Chown(filepath.Join(dir, "home/nonroot"), Nonroot, Nonroot); err != nil {
			return err
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o755); err != nil {
		return err
	}
	return os.Chmod(filepath.Join(dir, "tmp"), 0o777|os.ModeSticky)
}

// unpackGo has the programs of this machine, Git among them, and its Go. Nothing else of the machine is seen.
func (b *Bases) unpackGo(dir string) (mounts []inside.Mount, env []string, err error) {
	for _, name := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/dev", "/proc"} {
		info, err := os.Lstat(name)
		if os.IsNotExist(err) {
			continue
		} else if err != nil {
			return nil, nil, err
		}
		if info.Mode()&os.ModeSymlink == 0 {
			mounts = append(mounts, inside.Mount{From: name, To: name, ReadOnly: name != "/dev" && name != "/proc"})
			continue
		}
		to, err := os.Readlink(name)
		if err != nil {
			return nil, nil, err
		}
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			return nil, nil, err
		}
	}
	for _, d := range []string{"tmp", "root", "go"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o777); err != nil {
			return nil, nil, err
		}
	}
	mounts = append(mounts, inside.Mount{From: b.root, To: goRoot, ReadOnly: true},
		inside.Mount{From: b.modules, To: "/go/pkg/mod"}, inside.Mount{From: b.cache, To: "/root/.cache/go-build"})
	// How modules are found here, with what docker takes from the environment of whoever builds.
	env = append(slices.Clone(b.env), "HOME=/root")
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return mounts, env, nil
}
