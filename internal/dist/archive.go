package dist

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"time"
)

// file is what goes into an archive.
type file struct {
	name, path string
	mode       fs.FileMode
}

// packed is when everything was packed: always at the same time, so that equal files give equal archives.
func packed() time.Time { return time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC) }

// pack makes a zip or a compressed tar archive.
func pack(files []file, asZip bool) ([]byte, error) {
	var out bytes.Buffer
	add, finish := tarWriter(&out)
	if asZip {
		add, finish = zipWriter(&out)
	}
	for _, f := range files {
		data, err := os.ReadFile(f.path)
		if err != nil {
			return nil, err
		}
		if err := add(f, data); err != nil {
			return nil, err
		}
	}
	err := finish()
	return out.Bytes(), err
}

func tarWriter(out *bytes.Buffer) (add func(file, []byte) error, finish func() error) {
	z := gzip.NewWriter(out)
	t := tar.NewWriter(z)
	add = func(f file, data []byte) error {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Size: int64(len(data)), Mode: int64(f.mode), ModTime: packed(), Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err := t.Write(data)
		return err
	}
	return add, func() error { return errors.Join(t.Close(), z.Close()) }
}

func zipWriter(out *bytes.Buffer) (add func(file, []byte) error, finish func() error) {
	z := zip.NewWriter(out)
	add = func(f file, data []byte) error {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: packed()}
		h.SetMode(f.mode)
		w, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}
	return add, z.Close
}
