// Serves a source as the one file of a FUSE file system, with several threads. In the sandbox of
// `sifguard-imagefs`.
#include "helper/imagefs/file_server.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <system_error>
#include <thread>

#include "keystore/base/clock.h"
#include "keystore/base/fd.h"
#include "keystore/base/one_line.h"

namespace sifguard {
namespace {

/// A connection that is silent for as long as two deadlines is of a server that is stopped.
std::uint16_t timeout_s(std::int64_t deadline_ms) {
  return static_cast<std::uint16_t>(
      std::clamp<std::int64_t>(2 * deadline_ms / 1000, 1, UINT16_MAX));
}

std::uint64_t clipped(const FuseRequest& request, std::uint64_t size) {
  const std::uint64_t left = request.offset < size ? size - request.offset : 0;
  return std::min<std::uint64_t>(request.size, left);
}

}  // namespace

Result<std::unique_ptr<FileServer>> FileServer::start(const FileServerOptions& options) {
  std::unique_ptr<FileServer> server(new FileServer(options));
  try {
    for (unsigned i = 0; i < options.threads; ++i) {
      std::thread(&FileServer::work, server.get(), std::ref(*server->workers_[i])).detach();
      // What it does before it runs, the filter may forbid.
      std::unique_lock lock(server->mutex_);
      server->changed_.wait(lock, [&server, i] { return server->running_ > i; });
    }
  } catch (const std::system_error& error) {
    return fail_errno(Code::temporary, "cannot start a thread", error.code().value());
  }
  return server;
}

FileServer::FileServer(const FileServerOptions& options) : options_(options) {
  for (unsigned i = 0; i <= options.threads; ++i) workers_.push_back(std::make_unique<Worker>());
}

FileServer::~FileServer() {
  end();
  std::unique_lock lock(mutex_);
  const auto given = std::chrono::milliseconds(options_.deadline_ms);
  if (!changed_.wait_for(lock, given, [this] { return running_ == 0; })) ::_exit(0);
}

void FileServer::serve(const BlockSource& source) {
  {
    const std::lock_guard lock(mutex_);
    source_ = &source;
    serving_ = true;
  }
  changed_.notify_all();
  watch();
}

void FileServer::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void FileServer::work(Worker& worker) {
  std::unique_lock lock(mutex_);
  ++running_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return serving_ || ended_; });
  const bool wanted = !ended_;
  lock.unlock();
  if (wanted) answer_all(worker);
  lock.lock();
  ended_ = true;
  --running_;
  changed_.notify_all();
}

void FileServer::answer_all(Worker& worker) {
  std::vector<std::byte> message(kFuseRequest);
  std::vector<std::byte> bytes(kFuseMostRead);
  FuseRequest request;
  while (take(message, request)) answer(worker, request, bytes);
}

/// False at the end of the connection, and for what is none.
bool FileServer::take(std::span<std::byte> memory, FuseRequest& request) const {
  for (;;) {
    const ssize_t size = ::read(options_.fuse, memory.data(), memory.size());
    // ENOENT: whoever asked has gone meanwhile.
    if (size < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT)) continue;
    if (size <= 0) return false;
    const auto parsed = parse_fuse_request(memory.first(static_cast<std::size_t>(size)));
    if (parsed) request = *parsed;
    return parsed.has_value();
  }
}

void FileServer::answer(Worker& worker, const FuseRequest& request, std::span<std::byte> memory) {
  using Kind = FuseRequest::Kind;
  switch (request.kind) {
    case Kind::start:
      return reply(request, 0, fuse_start(request, timeout_s(options_.deadline_ms)));
    case Kind::attributes:
      return reply(request, 0, fuse_attributes(source_->size()));
    case Kind::open:
      return reply(request, 0, fuse_opened());
    case Kind::read:
      return answer_read(worker, request, memory);
    case Kind::statfs:
      return reply(request, 0, fuse_statfs(source_->size()));
    case Kind::close:
    case Kind::finish:
      return reply(request, 0, {});
    case Kind::silent:
      return;
    case Kind::other:
      return reply(request, ENOSYS, {});
    case Kind::wrong:
      return reply(request, EPROTO, {});
  }
}

/// Whoever takes the worker's request away from it, this thread or the watching one, answers it.
void FileServer::answer_read(Worker& worker, const FuseRequest& request,
                             std::span<std::byte> memory) {
  worker.since_ms = monotonic_ms();
  worker.request = request.unique;
  const auto bytes = memory.first(clipped(request, source_->size()));
  const int error = read(request, bytes);
  if (worker.request.exchange(kNone) == request.unique) {
    reply(request, error, error == 0 ? bytes : std::span<std::byte>());
  }
}

int FileServer::read(const FuseRequest& request, std::span<std::byte> bytes) {
  if (broken_) return EIO;
  const Status read = bytes.empty() ? Status() : source_->read(request.offset, bytes);
  if (read) return 0;
  log(read.error().line());
  return EIO;
}

/// That it does not arrive is no error: the kernel no longer waits for it.
void FileServer::reply(const FuseRequest& request, int error,
                       std::span<const std::byte> body) const {
  FuseHead head = fuse_head(request.unique, error, body.size());
  const std::array parts = {iovec{head.data(), head.size()},
                            iovec{const_cast<std::byte*>(body.data()),  // NOLINT(*-const-cast)
                                  body.size()}};
  const ssize_t ignored = ::writev(options_.fuse, parts.data(), body.empty() ? 1 : 2);
  (void)ignored;
}

void FileServer::watch() {
  const auto interval =
      std::chrono::milliseconds(std::max<std::int64_t>(options_.deadline_ms / 8, 1));
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, interval, [this] { return ended_; })) {
    lock.unlock();
    if (answer_overdue() == options_.threads && !broken_.exchange(true)) {
      log("no read comes to an end; every further one fails");
      answer_all(*workers_.back());
      return;
    }
    lock.lock();
  }
}

/// How many threads hang.
std::size_t FileServer::answer_overdue() {
  std::size_t hanging = 0;
  for (unsigned i = 0; i < options_.threads; ++i) {
    Worker& worker = *workers_[i];
    std::uint64_t request = worker.request;
    const bool overdue = request != kNone && request != kHangs &&
                         monotonic_ms() - worker.since_ms > options_.deadline_ms;
    if (overdue && worker.request.compare_exchange_strong(request, kHangs)) {
      FuseRequest owed;
      owed.unique = request;
      reply(owed, EIO, {});
      log("a read did not come to an end in time");
    }
    if (worker.request == kHangs) ++hanging;
  }
  return hanging;
}

/// The same block is asked for again and again: once is enough.
void FileServer::log(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (options_.log < 0 || logged_.size() >= kMostLines ||
      std::ranges::find(logged_, line) != logged_.end()) {
    return;
  }
  logged_.push_back(line);
  const std::string whole = "sifguard-imagefs: " + one_line(line) + "\n";
  const ssize_t ignored = ::write(options_.log, whole.data(), whole.size());
  (void)ignored;
}

}  // namespace sifguard
