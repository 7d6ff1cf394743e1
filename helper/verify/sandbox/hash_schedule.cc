// The schedule behind parallel_hash.h: which thread reads or hashes what next. Sandboxed verifier.
#include "helper/verify/sandbox/hash_schedule.h"

#include <algorithm>
#include <atomic>
#include <span>

#include "helper/verify/sandbox/parallel_hash.h"
#include "keystore/base/contains.h"
#include "keystore/base/fd.h"

namespace sifguard {
namespace {

// Measured with tests/bench/verify: smaller costs wake-ups, larger leaves the processor's caches.
constexpr std::size_t kChunk = std::size_t{256} << 10U;
/// Of one stream; reading resumes when half of them are free, so the reader wakes less often.
constexpr std::size_t kMostHeld = 4;

std::size_t buffers_for(unsigned threads) {
  return std::min<std::size_t>(kMaxHashMemory / kChunk, kMostHeld * (threads + 1));
}

}  // namespace

HashSchedule::HashSchedule(int fd, unsigned threads, std::uint64_t* progress)
    : fd_(fd),
      progress_(progress),
      chunks_(buffers_for(threads)),
      memory_(new std::byte[chunks_.size() * kChunk]) {}  // left as it is: pages come when used

std::size_t HashSchedule::add_stream() {
  streams_.emplace_back();
  return streams_.size() - 1;
}

std::size_t HashSchedule::add_sink(DigestAlgorithm algorithm, std::optional<Digest>* found) {
  sinks_.push_back({Hasher(algorithm), found});
  return sinks_.size() - 1;
}

void HashSchedule::add_segment(std::size_t stream, std::uint64_t offset, std::uint64_t size,
                               std::vector<std::size_t> sinks) {
  if (size == 0 || sinks.empty()) return;
  streams_[stream].segments.push_back({offset, size, std::move(sinks)});
  streams_[stream].left += size;
}

void HashSchedule::prepare() {
  // Nothing below grows these lists beyond what is reserved here: work() allocates nothing.
  readable_.reserve(streams_.size());
  ready_.reserve(sinks_.size());
  free_.reserve(chunks_.size());
  for (std::size_t i = chunks_.size(); i-- > 0;) free_.push_back(i);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].left > 0) offer(i);
  }
  unread_ = readable_.size();
  std::sort(readable_.begin(), readable_.end(),
            [this](std::size_t a, std::size_t b) { return streams_[a].left < streams_[b].left; });
}

void HashSchedule::work() noexcept {
  std::unique_lock lock(mutex_);
  while (!error_ && (unread_ > 0 || free_.size() < chunks_.size())) {
    if (!ready_.empty()) {
      feed_one(lock);
    } else if (has_task()) {
      read_one(lock);
    } else {
      task_.wait(lock);
    }
  }
  task_.notify_all();
}

Status HashSchedule::finish() {
  if (error_) return tl::unexpected(*std::move(error_));
  for (Sink& sink : sinks_) {
    SG_TRY(*sink.found, sink.hasher.finish());
  }
  return {};
}

std::byte* HashSchedule::data(std::size_t chunk) const {
  return memory_.get() + chunk * kChunk;
}

bool HashSchedule::wants(std::size_t sink, std::size_t chunk) const {
  const Chunk& one = chunks_[chunk];
  const auto& sinks = streams_[one.stream].segments[one.segment].sinks;
  return contains(sinks, sink);
}

bool HashSchedule::has_task() const {
  return !ready_.empty() || (!readable_.empty() && !free_.empty());
}

void HashSchedule::read_one(std::unique_lock<std::mutex>& lock) {
  const std::size_t number = readable_.back();
  const std::size_t index = free_.back();
  readable_.pop_back();
  free_.pop_back();
  if (has_task()) task_.notify_one();
  Stream& stream = streams_[number];
  Chunk& chunk = chunks_[index];
  const Segment& segment = stream.segments[stream.segment];
  chunk = {number, stream.segment, std::min<std::uint64_t>(kChunk, segment.size - stream.done),
           segment.sinks.size(), kNone};

  lock.unlock();
  auto read = pread_exact(fd_, std::span(data(index), chunk.size), segment.offset + stream.done,
                          "the image");
  lock.lock();

  if (!read) {
    if (!error_) error_ = std::move(read).error();
    free_.push_back(index);
    return;
  }
  if (progress_ != nullptr) {
    std::atomic_ref(*progress_).fetch_add(chunk.size, std::memory_order_relaxed);
  }
  stream.done += chunk.size;
  stream.left -= chunk.size;
  ++stream.held;
  if (stream.done == segment.size) {
    ++stream.segment;
    stream.done = 0;
  }
  publish(index);
  stream.offered = false;
  if (stream.left == 0) {
    --unread_;
  } else if (stream.held < kMostHeld) {
    offer(number);
  }
}

/// Hands a chunk just read to the sinks that want it and are not behind.
void HashSchedule::publish(std::size_t index) {
  Stream& stream = streams_[chunks_[index].stream];
  (stream.first == kNone ? stream.first : chunks_[stream.last].after) = index;
  stream.last = index;
  for (const std::size_t sink : stream.segments[chunks_[index].segment].sinks) {
    if (sinks_[sink].next != kNone) continue;
    sinks_[sink].next = index;
    ready_.push_back(sink);
  }
}

void HashSchedule::feed_one(std::unique_lock<std::mutex>& lock) {
  const std::size_t number = ready_.back();
  ready_.pop_back();
  if (has_task()) task_.notify_one();
  Sink& sink = sinks_[number];
  const std::size_t index = sink.next;
  const std::span<const std::byte> bytes(data(index), chunks_[index].size);

  lock.unlock();
  sink.hasher.update(bytes);
  lock.lock();

  do {
    sink.next = chunks_[sink.next].after;
  } while (sink.next != kNone && !wants(number, sink.next));
  if (sink.next != kNone) ready_.push_back(number);
  if (--chunks_[index].sinks_left == 0) release(chunks_[index].stream);
}

/// Takes back the chunks that every sink has consumed, oldest first: a sink behind still walks over
/// those after its own.
void HashSchedule::release(std::size_t number) {
  Stream& stream = streams_[number];
  while (stream.first != kNone && chunks_[stream.first].sinks_left == 0) {
    free_.push_back(stream.first);
    stream.first = chunks_[stream.first].after;
    --stream.held;
  }
  if (!stream.offered && stream.left > 0 && stream.held <= kMostHeld / 2) offer(number);
}

void HashSchedule::offer(std::size_t number) {
  streams_[number].offered = true;
  readable_.push_back(number);
}

}  // namespace sifguard
