// Serves a source as the one file of a FUSE file system, with several threads. In the sandbox of
// `sifguard-imagefs`.
//
// No reader waits for ever: a reader whose bytes do not come within the deadline gets EIO from a
// watching thread, while the read itself may still hang in a disk. When all threads hang, the
// watching thread answers all further requests, and reads with EIO.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "helper/imagefs/block_source.h"
#include "helper/imagefs/fuse_message.h"

namespace sifguard {

struct FileServerOptions {
  int fuse = -1;  ///< of /dev/fuse, mounted, or of a stand-in for it; each read() gives one message
  int log = -1;   ///< gets a line for each block that cannot be read, up to kMostLines; or -1
  unsigned threads = 2;
  std::int64_t deadline_ms = 60'000;
};

class FileServer {
 public:
  static constexpr std::size_t kMostLines = 16;

  /// Starts the threads, which wait until serve(), so that a system call filter that is set in
  /// between applies to them too. Errors: Code::temporary without memory or threads.
  [[nodiscard]] static Result<std::unique_ptr<FileServer>> start(const FileServerOptions& options);
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;
  /// Ends the whole process if a thread still hangs in a read.
  ~FileServer();

  /// Serves until the file system is unmounted or aborted. `source` must outlive the server. Call
  /// once.
  void serve(const BlockSource& source);

 private:
  static constexpr std::uint64_t kNone = 0;
  static constexpr std::uint64_t kHangs = UINT64_MAX;

  /// One thread, and the request that it works on.
  struct Worker {
    /// The request that it must still answer; kNone; or kHangs, when the watching thread answered
    /// instead.
    std::atomic<std::uint64_t> request{kNone};
    std::atomic<std::int64_t> since_ms{0};  ///< when it took that request
  };

  explicit FileServer(const FileServerOptions& options);
  void work(Worker& worker);
  void answer_all(Worker& worker);
  bool take(std::span<std::byte> memory, FuseRequest& request) const;
  void answer(Worker& worker, const FuseRequest& request, std::span<std::byte> memory);
  void answer_read(Worker& worker, const FuseRequest& request, std::span<std::byte> memory);
  int read(const FuseRequest& request, std::span<std::byte> bytes);
  void reply(const FuseRequest& request, int error, std::span<const std::byte> body) const;
  void watch();
  std::size_t answer_overdue();
  void log(const std::string& line);
  void end();

  FileServerOptions options_;
  const BlockSource* source_ = nullptr;
  std::vector<std::unique_ptr<Worker>> workers_;  ///< the last one is the watching thread's
  std::atomic<bool> broken_{false};               ///< all threads hung at once: no byte will come

  std::mutex mutex_;  ///< protects the members below
  std::condition_variable changed_;
  bool serving_ = false;
  bool ended_ = false;
  unsigned running_ = 0;
  std::vector<std::string> logged_;
};

}  // namespace sifguard
