// The image as its owner opened it: a waiting opener process and what it reported. Root.
#include "helper/stage/opened_image.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "helper/stage/opener_protocol.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/policy/image_name.h"

namespace sifguard {
namespace {

constexpr int kPipeBytes = 1 << 20;

Status copy_name(const std::string& name, std::array<char, kPathBytes>& field) {
  if (name.empty() || name.size() >= field.size() || name.find('\0') != std::string::npos) {
    return fail(Code::no_input, "not a usable path: '" + printable(name, 200) + "'");
  }
  std::copy(name.begin(), name.end(), field.begin());
  return {};
}

/// The opener belongs to the job's owner, who may end it: that must not raise SIGPIPE here.
Status tell(int socket, std::span<const std::byte> message) {
  while (!message.empty()) {
    const ssize_t done = ::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return fail_errno(Code::temporary, "opening the image was interrupted", errno);
    message = message.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

std::string file_kind(int type) {
  switch (type) {
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    default:
      return "no regular file";
  }
}

template <std::size_t size>
std::string text_of(const std::array<char, size>& field) {
  return {field.begin(), std::find(field.begin(), field.end(), '\0')};
}

/// The puller ran as the job's owner: of its word only what such an error can be is taken.
Status explain_remote(const OpenReport& report) {
  const auto code = static_cast<Code>(report.detail);
  const bool known = code == Code::usage || code == Code::no_input || code == Code::temporary;
  return fail(known ? code : Code::no_input, printable(text_of(report.canonical), 600));
}

/// A name for this content at this place, for this owner, in the form that files have.
Result<FileIdentity> remote_identity(const OpenReport& report, const std::string& image,
                                     uid_t uid) {
  const std::string text = std::to_string(uid) + "\n" + image + "\n" + text_of(report.content) +
                           "\n" + text_of(report.validator);
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(text)));
  FileIdentity identity;
  std::memcpy(&identity.device, digest.data(), sizeof identity.device);
  std::memcpy(&identity.inode, digest.data() + sizeof identity.device, sizeof identity.inode);
  identity.size = report.size;
  // Where the server says nothing that changes with the content, nothing is remembered.
  const bool known = report.content[0] != '\0' || report.validator[0] != '\0';
  identity.filesystem_id = known ? 1 : 0;
  return identity;
}

Status explain(const OpenReport& report, const std::string& image, const std::string& directory) {
  const std::string name = "image " + image;
  switch (report.status) {
    case OpenStatus::opened:
      if (report.size == 0) return fail(Code::no_input, name + " is empty");
      return {};
    case OpenStatus::directory_failed:
      return fail_errno(Code::no_input, "cannot enter the job's directory " + directory,
                        report.detail, "give the image's absolute path");
    case OpenStatus::open_failed:
      return fail_errno(Code::no_input, "cannot open " + name, report.detail,
                        report.detail == EACCES ? "its owner must let you read it"
                                                : "check its path on this node");
    case OpenStatus::not_regular:
      return fail(Code::no_input, name + " is " + file_kind(report.detail), "name a SIF file");
    case OpenStatus::pseudo_filesystem:
      return fail(Code::no_input, name + " is on a pseudo-filesystem", "name a SIF file");
    case OpenStatus::no_path:
      return fail(Code::no_input, name + " has no path of its own (deleted or moved meanwhile)");
    case OpenStatus::remote_failed:
      return explain_remote(report);
    case OpenStatus::traceable:
      return fail(Code::config, "sifguard-opener is readable by users",
                  "chmod 0711 the installed sifguard-opener and sifguard-puller");
  }
  return fail(Code::internal, "sifguard-opener gave a malformed answer");
}

Status receive(int fd, std::span<std::byte> bytes, std::int64_t deadline_ms) {
  while (!bytes.empty()) {
    struct pollfd ready = {fd, POLLIN, 0};
    const auto left = std::clamp<std::int64_t>(deadline_ms - monotonic_ms(), 0, 1 << 30);
    const int events = ::poll(&ready, 1, static_cast<int>(left));
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) {
      return fail(Code::temporary, "opening the image took too long",
                  "check that its filesystem answers");
    }
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Code::temporary, "opening the image was interrupted");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<OpenReport> read_report(int fd, std::int64_t deadline_ms) {
  OpenReport report;
  SG_CHECK(receive(fd, std::as_writable_bytes(std::span(&report, 1)), deadline_ms));
  return report;
}

}  // namespace

bool is_settled(const FileIdentity& identity) noexcept {
  constexpr std::int64_t kSeconds = 2;
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return identity.changed_ns < (now.tv_sec - kSeconds) * std::int64_t{1000000000};
}

std::int64_t boottime_ns() noexcept {
  struct timespec now {};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * std::int64_t{1000000000} + now.tv_nsec;
}

Result<OpeningImage> OpeningImage::start(const std::string& image, const std::string& directory,
                                         const OpenOptions& options) {
  OpenRequest request{};
  SG_CHECK(copy_name(image, request.image));
  SG_TRY(const ImageName name, ImageName::of(directory, image, options.library));
  const bool remote = name.uri() != nullptr;
  if (remote) {
    request.image = {};
    SG_CHECK(copy_name(name.text(), request.image));
  }
  SG_CHECK(copy_name(directory, request.directory));

  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail_errno(Code::temporary, "cannot make a socket pair", errno);
  }
  UniqueFd control(ends[0]);
  const UniqueFd opener_control(ends[1]);
  SG_TRY(Pipe data, make_pipe());
  ::fcntl(data.write_end.get(), F_SETPIPE_SZ, kPipeBytes);  // larger is faster; smaller still works

  ChildSpec spec;
  const std::string program = remote ? "sifguard-puller" : "sifguard-opener";
  spec.program = options.libexec_dir + "/" + program;
  spec.argv = {program};
  for (const std::string& host : options.plain_registries) {
    if (remote) spec.argv.insert(spec.argv.end(), {"--http", host});
  }
  spec.fds = {{opener_control.get(), kOpenerControlFd}, {data.write_end.get(), kOpenerDataFd}};
  spec.identity = options.owner;
  SG_TRY(Child child, start_child(spec));
  OpenedImage opened(name, std::move(child), std::move(control), std::move(data.read_end));
  opened.deadline_ms_ = options.deadline_ms;
  opened.remote_ = remote;
  SG_CHECK(tell(opened.control_.get(), std::as_bytes(std::span(&request, 1))));
  return OpeningImage(std::move(opened), image, directory, options.owner.uid);
}

Result<OpenedImage> OpeningImage::opened() && {
  OpenedImage& opened = opened_;
  SG_TRY(const OpenReport report, read_report(opened.control_.get(), opened.deadline_ms_));
  SG_CHECK(explain(report, printable(image_, 300), printable(directory_, 300)));
  opened.opened_ns_ = boottime_ns();
  if (opened.remote_) {
    opened.promised_ = text_of(report.content);
    opened.named_digest_ = text_of(report.named);
    SG_TRY(opened.identity_, remote_identity(report, opened.name_.text(), owner_));
    return std::move(opened_);
  }
  const auto canonical = ImageName::of("", text_of(report.canonical));
  if (!canonical) return fail(Code::internal, "sifguard-opener gave a malformed answer");
  opened.name_ = *canonical;
  opened.identity_ = {report.filesystem, report.filesystem_id, report.device,    report.inode,
                      report.size,       report.modified_ns,   report.changed_ns};
  return std::move(opened_);
}

Result<OpenedImage> open_image(const std::string& image, const std::string& directory,
                               const OpenOptions& options) {
  SG_TRY(OpeningImage opening, OpeningImage::start(image, directory, options));
  return std::move(opening).opened();
}

Status OpenedImage::ask(std::uint8_t what, std::string_view reference) {
  if (reference.size() >= kReferenceBytes) return fail(Code::internal, "the tag is too long");
  std::array<std::byte, 1 + kReferenceBytes> question{};
  question[0] = std::byte{what};
  const auto text = as_bytes(reference);
  std::copy(text.begin(), text.end(), question.begin() + 1);
  return tell(control_.get(), question);
}

Result<std::optional<bool>> OpenedImage::is_same_as(std::string_view reference) {
  SG_CHECK(ask(kSameAs, reference));
  SameAs answer{};
  SG_CHECK(receive(control_.get(), std::as_writable_bytes(std::span(&answer, 1)), deadline_ms_));
  if (answer == SameAs::unknown) return std::optional<bool>();
  return std::optional<bool>(answer == SameAs::same);
}

Result<std::optional<std::vector<std::string>>> OpenedImage::tags() {
  SG_CHECK(ask(kTags, ""));
  TagsReport report{};
  SG_CHECK(receive(control_.get(), std::as_writable_bytes(std::span(&report, 1)), deadline_ms_));
  if (report.known == 0) return std::optional<std::vector<std::string>>();
  if (report.size > kMaxTags)
    return fail(Code::internal, "sifguard-puller gave a malformed answer");
  std::string text(report.size, '\0');
  SG_CHECK(receive(control_.get(), std::as_writable_bytes(std::span(text)), deadline_ms_));
  std::vector<std::string> tags = split(text, '\n');
  std::erase(tags, "");
  return tags;
}

Status OpenedImage::start_stream() {
  return tell(control_.get(), std::as_bytes(std::span(&kStream, 1)));
}

Status OpenedImage::finish() {
  SG_TRY(const int status, child_.wait(deadline_ms_));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(remote_ ? Code::temporary : Code::no_input, "reading the image failed before its end",
              remote_ ? "try again" : "check the filesystem that holds it");
}

}  // namespace sifguard
