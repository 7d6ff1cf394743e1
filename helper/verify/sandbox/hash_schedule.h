// The schedule of parallel_hash.h: which thread reads or hashes what next. Internal.
//
// A stream is data read in order: one object, or the objects of a chain one after the other. A sink
// is one digest over some of a stream's objects. Reading fills a buffer (a chunk), which every sink
// that needs it consumes in order. When all have, and all earlier chunks of the stream are free,
// the chunk is free again. Tasks are "read the next chunk of stream s" and "feed sink k its next
// chunk"; a thread takes any task that is ready under the one mutex and runs it outside. Feeding
// depends only on the chunk, so used buffers always become free: there is no deadlock with any
// number of threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "helper/verify/sandbox/hasher.h"
#include "keystore/base/error.h"

namespace sifguard {

class HashSchedule {
 public:
  /// Allocates buffers for `threads` threads. `progress`, if any, counts the bytes read.
  HashSchedule(int fd, unsigned threads, std::uint64_t* progress = nullptr);

  std::size_t add_stream();
  /// `found` must outlive finish().
  std::size_t add_sink(DigestAlgorithm algorithm, std::optional<Digest>* found);
  /// Appends `size` bytes at `offset` of the file to a stream, for some of its sinks.
  void add_segment(std::size_t stream, std::uint64_t offset, std::uint64_t size,
                   std::vector<std::size_t> sinks);
  /// Call once, after all of the above.
  void prepare();

  /// Called on every thread; returns when everything is hashed or something failed.
  void work() noexcept;
  /// Call after all calls of work() have returned. Returns the first error, or writes the digests.
  Status finish();

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  struct Segment {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::vector<std::size_t> sinks;
  };
  struct Stream {
    std::vector<Segment> segments;
    std::size_t segment = 0;    ///< the one being read
    std::uint64_t done = 0;     ///< bytes of it already read
    std::uint64_t left = 0;     ///< bytes of the stream not yet read
    std::size_t first = kNone;  ///< the oldest chunk held
    std::size_t last = kNone;   ///< the newest
    std::size_t held = 0;       ///< how many
    bool offered = false;       ///< it is in readable_, or being read
  };
  struct Sink {
    Hasher hasher;
    std::optional<Digest>* found;
    std::size_t next =
        kNone;  ///< the chunk to be fed next; if there is one, the sink is in ready_ or being fed
  };
  struct Chunk {
    std::size_t stream = 0;
    std::size_t segment = 0;
    std::size_t size = 0;
    std::size_t sinks_left = 0;  ///< how many must still consume it
    std::size_t after = kNone;   ///< the chunk read after it
  };

  [[nodiscard]] std::byte* data(std::size_t chunk) const;
  [[nodiscard]] bool wants(std::size_t sink, std::size_t chunk) const;
  [[nodiscard]] bool has_task() const;
  void read_one(std::unique_lock<std::mutex>& lock);
  void feed_one(std::unique_lock<std::mutex>& lock);
  void publish(std::size_t chunk);
  void release(std::size_t stream);
  void offer(std::size_t stream);

  const int fd_;
  std::uint64_t* const progress_;
  std::vector<Stream> streams_;
  std::vector<Sink> sinks_;
  std::vector<Chunk> chunks_;
  std::unique_ptr<std::byte[]> memory_;

  std::mutex mutex_;  ///< protects everything above except the bytes of chunks and the hashers
  std::condition_variable task_;
  std::vector<std::size_t> readable_;  ///< streams whose next chunk may be read; largest last
  std::vector<std::size_t> ready_;     ///< sinks that have a chunk to consume
  std::vector<std::size_t>
      free_;  ///< chunks; the last one was used most recently and is still in a CPU cache
  std::size_t unread_ = 0;  ///< streams with bytes left to read
  std::optional<Error> error_;
};

}  // namespace sifguard
