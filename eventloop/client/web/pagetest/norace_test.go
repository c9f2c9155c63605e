//go:build !race

package pagetest

// raceDetector says that everything takes several times as long.
const raceDetector = false
