package pagetest

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// axeVersion is the axe-core that looks at the screens: https://github.com/dequelabs/axe-core.
const axeVersion = "4.10.3"

// axe returns the script of axe-core, from the npm registry or from what an earlier run has
// kept of it.
func axe() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "parley-tests")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	pack := filepath.Join(dir, "axe-core-"+axeVersion+".tgz")
	if _, err := os.Stat(pack); err != nil {
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		npm := exec.CommandContext(ctx, "npm", "pack", "--silent", "axe-core@"+axeVersion)
		npm.Dir = dir
		if out, err := npm.CombinedOutput(); err != nil {
			return "", fmt.Errorf("npm pack: %w %.200s", err, out)
		}
	}
	file, err := os.Open(pack)
	if err != nil {
		return "", err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(unzipped); ; {
		entry, err := files.Next()
		if err != nil {
			return "", fmt.Errorf("axe.min.js: %w", err)
		}
		if entry.Name == "package/axe.min.js" {
			script, err := io.ReadAll(files)
			return string(script), err
		}
	}
}
