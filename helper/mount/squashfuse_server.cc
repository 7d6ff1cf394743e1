// A running `sifguard-squashfuse`: root's side. Root.
#include "helper/mount/squashfuse_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "helper/imagefs/wire/squashfuse_wire.h"
#include "helper/mount/fuse_connection.h"
#include "keystore/base/forked_part.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {
namespace {

constexpr const char* kSquashfuseServer = "sifguard-squashfuse";
constexpr std::int64_t kEndMs = 5000;  // of a server whose connection is gone

Result<Child> start(const SquashfsSource& source, const RootMountOptions& options, int fuse) {
  using namespace squashfuse_fd;
  SG_TRY(Pipe go, make_pipe());
  ChildSpec spec = server_spec(options.server, kSquashfuseServer);
  spec.argv.insert(spec.argv.end(), {options.squashfuse, std::to_string(source.offset),
                                     std::to_string(options.uid), std::to_string(options.gid)});
  spec.fds = {{fuse, kFuse}, {source.file, kImage}, {go.read_end.get(), kGo}};
  if (options.server.owner >= 0) spec.fds.push_back({options.server.owner, kOwner});
  if (options.server.log >= 0) spec.fds.push_back({options.server.log, kLog});
  return start_server(options.server, spec);
}

/// Opens the directory in a process that can be killed while it waits: its errno, or 0.
int try_to_open(const DetachedMount& mount, std::int64_t deadline_ms) {
  const std::string path = "/proc/self/fd/" + std::to_string(mount.fd());
  auto said = make_pipe();
  const auto open_it = [&path] {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0 ? 0 : errno & 0xff;
  };
  const pid_t child = said ? fork_part(open_it) : -1;
  if (child < 0) return EAGAIN;
  said->write_end.reset();
  const bool ended = ready_before(said->read_end.get(), deadline_ms);
  if (!ended) ::kill(child, SIGKILL);
  const auto status = wait_for_part(child);
  if (!ended) return ETIMEDOUT;
  return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : EIO;
}

tl::unexpected<Error> not_served(const RootMountOptions& options, Child& server, int error) {
  if (error == ETIMEDOUT) {
    return fail(Code::temporary, options.squashfuse + " did not serve the image in time",
                "try again later");
  }
  const auto status = server.wait(monotonic_ms() + kEndMs);
  const int code = status && WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
  if (code == static_cast<int>(Code::unavailable) || code == static_cast<int>(Code::config)) {
    return fail(Code::config, "cannot start " + options.squashfuse + " in its sandbox",
                "correct 'squashfuse' in sifguard.yaml; sifctl doctor tries it");
  }
  return fail(Code::refused, options.squashfuse + " does not serve the image's squashfs",
              "sifctl doctor tells whether it serves any");
}

}  // namespace

Result<DetachedMount> serve_squashfs(const SquashfsSource& source,
                                     const RootMountOptions& options) {
  SG_CHECK(check_trusted_program(options.squashfuse, Trust{0}));
  SG_TRY(FuseConnection connection, connect_fuse({.server = kSquashfuseServer,
                                                  .is_directory = true,
                                                  .executable = source.executable,
                                                  .for_others = true},
                                                 options.scratch));
  if (!connection.mount.is_movable()) {
    return fail(Code::config, "mount_driver: fuse needs Linux 5.2", "set mount_driver: kernel");
  }
  SG_TRY(Child server, start(source, options, connection.fuse.get()));
  connection.fuse.reset();  // the server's alone: nobody waits for one that is dead
  const int error = try_to_open(connection.mount, options.deadline_ms);
  if (error != 0) return not_served(options, server, error);
  (void)std::move(server).let_go();
  return std::move(connection.mount);
}

}  // namespace sifguard
