//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"parley/eventloop/cluster/natstest"
	"parley/users/state"
	"parley/users/store"
)

// texts returns what is kept in the folder of a single server of what was said in the lobby.
func texts(t *testing.T, folder string) (all []string) {
	t.Helper()
	withStore(t, folder, func(s *store.Store) error {
		page, err := s.Newest(t.Context(), state.Lobby, store.PageLimit)
		for _, m := range page {
			all = append(all, m.Text)
		}
		return err
	})
	slices.Sort(all)
	return all
}

// beside returns a new folder with copies of some files, by name, each from a folder.
func beside(t *testing.T, files map[string]string) string {
	t.Helper()
	to := t.TempDir()
	for name, from := range files {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

const (
	databaseFile = "parley.db"
	stateFile    = "parley.state"
)

// A node has left a snapshot beside its database. Where that is another one later, from a backup
// or by who copies files, of an earlier time or of a later one, nothing is lost or made up: the
// snapshot is used if it fits, and else that is said.
func TestASnapshotBesideAnotherDatabase(t *testing.T) {
	f := &fleet{t: t, nats: natstest.Start(t, 1), data: []string{t.TempDir()}, nodes: make([]serving, 1), flags: []string{"--cluster-replicas", "1"}}
	url, backups := f.nats.URLs()[0], t.TempDir()
	anna := &returning{t: t, name: "anna"}
	var folders []string // of the node, when it had ended the first and the second time
	for _, text := range []string{"one", "two"} {
		f.start(0)
		anna.at(f.nodes[0].addrs[0], text)
		mustDo(t, "up to number", "backup", filepath.Join(backups, text), "--data", f.data[0])
		f.end(0, syscall.SIGTERM)
		folders = append(folders, beside(t, map[string]string{databaseFile: f.data[0], stateFile: f.data[0]}))
	}
	early, late := folders[0], folders[1]

	var said []string // since anna was there last
	for _, c := range []struct {
		name    string
		files   map[string]string
		node    string // what the node says that begins there
		exports string // what is said of it before that
	}{
		{"early database", map[string]string{databaseFile: early, stateFile: late}, "the snapshot of this node is not used", "is older than the file parley.state beside it"},
		{"early snapshot", map[string]string{databaseFile: late, stateFile: early}, "this node goes on from a snapshot", "is the data folder of a single server"},
		{"no database", map[string]string{stateFile: late}, "the snapshot of this node is not used", "does not belong to a node of a cluster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder, single := beside(t, c.files), filepath.Join(t.TempDir(), "single")
			tries(t, !strings.HasPrefix(c.exports, "is the"), c.exports, "cluster export --behind --data "+folder+" --to "+filepath.Join(t.TempDir(), "before"))
			f := &fleet{t: t, nats: f.nats, data: []string{folder}, nodes: make([]serving, 1), flags: f.flags}
			f.start(0)
			f.says(0, c.node)
			here := *anna
			here.t = t
			here.at(f.nodes[0].addrs[0], c.name, said...)
			said = append(said, c.name)
			f.end(0, syscall.SIGTERM)
			tries(t, false, "is the data folder of a single server", "cluster export --data "+folder+" --to "+single+" --cluster "+url)
			if got := texts(t, single); !slices.Contains(got, "one") || !slices.Contains(got, "two") || !slices.Contains(got, c.name) {
				t.Errorf("it keeps %q", got)
			}
		})
	}

	for text, want := range map[string][]string{"one": {"one"}, "two": {"one", "two"}} {
		folder := beside(t, map[string]string{databaseFile: late, stateFile: late})
		tries(t, true, "has a database already", "restore "+filepath.Join(backups, text)+" --data "+folder)
		tries(t, false, "has all that the backup has", "restore "+filepath.Join(backups, text)+" --data "+folder+" --replace")
		if _, err := os.Stat(filepath.Join(folder, stateFile)); !os.IsNotExist(err) {
			t.Errorf("%s: the snapshot is left: %v", text, err)
		}
		tries(t, true, "begin with an empty one, or make a cluster of it", "serve --listen 127.0.0.1:0 --cluster-replicas 1 --cluster "+url+" --data "+folder)
		tries(t, true, "does not belong to a node of a cluster", "cluster export --behind --data "+folder+" --to "+filepath.Join(t.TempDir(), "no"))
		s := &fleet{t: t, nodes: []serving{serveIn(t, folder, nil, "127.0.0.1:0")}}
		s.end(0, syscall.SIGTERM)
		if got := texts(t, folder); !slices.Equal(got, want) {
			t.Errorf("the backup of %s has %q", text, got)
		}
	}
}
