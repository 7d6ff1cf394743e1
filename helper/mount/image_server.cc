// A running `sifguard-imagefs`: root's side. Root.
#include "helper/mount/image_server.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

#include "helper/mount/step_cgroups.h"

namespace sifguard {
namespace {

constexpr const char* kProgram = "sifguard-imagefs";

ImagefsOrder order_of(const ImageServerOptions& options, const SealedFile& sealed) {
  return {sealed.kind, sealed.offset, sealed.size, options.deadline_ms};
}

ChildSpec spec_of(const ImageServerOptions& options, const ImagefsOrder& order) {
  ChildSpec spec = server_spec(options, kProgram);
  std::ranges::copy(format_imagefs_order(order), std::back_inserter(spec.argv));
  spec.isolation.locks_memory = true;
  return spec;
}

/// The last to be killed when memory runs out: all tasks of the step read through it.
void spare(pid_t server) {
  const std::string path = "/proc/" + std::to_string(server) + "/oom_score_adj";
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (fd.valid()) (void)write_all(fd.get(), "-1000", path);
}

Result<SecretBytes> read_answer(int fd, std::int64_t deadline_ms) {
  SG_TRY(SecretBytes text, SecretBytes::allocate(kMostAnswer));
  std::size_t have = 0;
  while (have < text.size()) {
    if (!ready_before(fd, deadline_ms)) {
      return fail(Code::temporary, "unlocking the image did not end in time");
    }
    const ssize_t done = ::read(fd, text.bytes().data() + have, text.size() - have);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return fail_errno(Code::internal, "cannot read sifguard-imagefs' answer", errno);
    if (done == 0) break;
    have += static_cast<std::size_t>(done);
  }
  text.shrink(have);
  return text;
}

}  // namespace

ChildSpec server_spec(const ImageServerOptions& options, const char* program) {
  ChildSpec spec;
  spec.program = options.libexec_dir + "/" + program;
  spec.argv = {program};
  spec.environment = {"LC_ALL=C"};
  spec.identity = options.identity;
  spec.isolation.network = Namespace::if_given;
  spec.isolation.processes = Namespace::if_given;
  // In ours it would hold the very mount whose end it waits for.
  spec.isolation.mounts = Namespace::must;
  spec.outlives_us = true;
  return spec;
}

Result<Child> start_server(const ImageServerOptions& options, const ChildSpec& spec) {
  SG_TRY(Child child, start_child(spec));
  if (!options.cgroups.empty()) leave_step_cgroups(child.pid(), options.cgroups);
  return child;
}

Result<ImageServer> ImageServer::start(const ImageServerOptions& options, int fuse,
                                       const SealedFile& sealed) {
  SG_TRY(Pipe secret, make_pipe());
  SG_TRY(Pipe answer, make_pipe());
  ChildSpec spec = spec_of(options, order_of(options, sealed));
  spec.fds = {{fuse, imagefs_fd::kFuse},
              {sealed.fd, imagefs_fd::kSealed},
              {secret.read_end.get(), imagefs_fd::kSecret},
              {answer.write_end.get(), imagefs_fd::kAnswer}};
  if (sealed.conf >= 0) spec.fds.push_back({sealed.conf, imagefs_fd::kConf});
  if (options.log >= 0) spec.fds.push_back({options.log, imagefs_fd::kLog});
  if (options.owner >= 0) spec.fds.push_back({options.owner, imagefs_fd::kOwner});
  SG_TRY(Child child, start_server(options, spec));
  spare(child.pid());
  return ImageServer(std::move(child), std::move(secret), std::move(answer.read_end));
}

Status ImageServer::give(const VolumeKey& key) {
  SG_TRY(const SecretBytes text, format_imagefs_secret(key.is_content_key(), key.bytes()));
  SG_CHECK(write_all(secret_.write_end.get(), text.bytes(), "the image's key"));
  secret_ = {};
  return {};
}

Result<ImagefsAnswer> ImageServer::answer(std::int64_t deadline_ms) {
  SG_TRY(const SecretBytes text, read_answer(answer_.get(), deadline_ms));
  return parse_imagefs_answer(text);
}

}  // namespace sifguard
