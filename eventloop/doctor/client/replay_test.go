//go:build unix

package client

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/eventloop/doctor/dialect"
)

// transcriptsFolder has what clients of other people have sent and received.
const transcriptsFolder = "../../../../shared/interop/transcripts"

// replayWord makes a sample send what a client has sent that was recorded in a file.
const replayWord = "replay:"

// peculiar is what is to be said of the recorded clients. Of the others nothing is.
var peculiar = map[string]string{
	"hringdal-ttm4100":        "msg_request fail\nmsg_request_unicode fail", // a space behind each text
	"lightbits-ttm4100":       "keys fail",                                  // "Request" and "Content"
	"olav-st-ttm4100-project": "content_there warn",                         // nowhere but in login and msg
}

// TestRecorded examines clients that send what those of other people have sent.
func TestRecorded(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(transcriptsFolder, "*.jsonl"))
	if len(files) == 0 {
		t.Skip("no transcripts of other implementations in " + transcriptsFolder)
	}
	t.Parallel()
	var running sync.WaitGroup
	for _, file := range files {
		running.Go(func() {
			name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
			r := examine(t, replayWord+file, Config{Templates: bare, Dialects: []string{dialect.Plain}, Only: []string{groupRequests, groupShown}})
			if diff := cmp.Diff(peculiar[name], bad(r)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		})
	}
	running.Wait()
}

// recorded returns what the client of a transcript has sent for a verb, with other words
// in it.
func recorded(path, verb string, content any) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	inClient := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var l struct{ Section, Dir, Bytes string }
		_ = json.Unmarshal(lines.Bytes(), &l)
		if l.Section != "" {
			inClient = strings.HasPrefix(l.Section, "client")
		}
		if !inClient || l.Dir != "client->server" || !strings.Contains(l.Bytes, `"`+verb+`"`) {
			continue
		}
		said, is := content.(string)
		if !is {
			return []byte(l.Bytes)
		}
		var request map[string]string
		_ = json.Unmarshal([]byte(l.Bytes), &request)
		before := request["content"] + request["Content"]
		quoted, _ := json.Marshal(said)
		return []byte(strings.Replace(l.Bytes, strings.TrimSpace(before), strings.Trim(string(quoted), `"`), 1))
	}
	return nil
}
