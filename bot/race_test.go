//go:build race

package bot_test

// raceDetector makes everything many times as slow, and memory grow.
const raceDetector = true
