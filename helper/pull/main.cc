// sifguard-puller: finds an image in a registry and streams its bytes. Runs as the job's owner,
// with the owner's groups and credentials, in the task's mount namespace, and decides nothing: root
// hashes and verifies the bytes. It speaks the opener's protocol (helper/stage/opener_protocol.h)
// and, like the opener, is installed execute-only so that the owner's other processes cannot reach
// into it.
//
//   sifguard-puller [--http HOST[:PORT]]…
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "helper/pull/source.h"
#include "helper/stage/opener_protocol.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

Result<std::unique_ptr<Source>> find(const std::string& image, const PullSettings& settings) {
  SG_TRY(const ImageUri uri, parse_image_uri(image));
  switch (uri.kind) {
    case ImageUri::Kind::oras:
      return find_oras(uri, settings);
    case ImageUri::Kind::library:
      return find_library(uri, settings);
    case ImageUri::Kind::https:
      break;
  }
  return find_https(uri, settings);
}

void put(const std::string& text, std::span<char> field) {
  const std::size_t size = std::min(text.size(), field.size() - 1);
  std::copy_n(text.begin(), size, field.begin());
}

/// The image's name is what root is told to match bindings against: the one it asked for.
OpenReport report_of(const Result<std::unique_ptr<Source>>& found, const std::string& image) {
  OpenReport report;
  if (!found) {
    report.status = OpenStatus::remote_failed;
    report.detail = static_cast<std::int32_t>(found.error().code());
    put(found.error().line(), report.canonical);
    return report;
  }
  report.status = OpenStatus::opened;
  report.size = (*found)->size;
  put((*found)->digest, report.content);
  put((*found)->validator, report.validator);
  put((*found)->named, report.named);
  put(image, report.canonical);
  return report;
}

bool read_whole(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(kOpenerControlFd, bytes.data(), bytes.size());
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

Result<OpenRequest> read_request() {
  OpenRequest request{};
  if (!read_whole(std::as_writable_bytes(std::span(&request, 1)))) {
    return fail(Code::usage, "sifguard-puller is started by sifguard-helper");
  }
  request.image.back() = '\0';
  return request;
}

Status answer_same(Source& source, const std::string& reference) {
  const auto same = source.is_same_as(reference);
  const SameAs answer = !same ? SameAs::unknown : *same ? SameAs::same : SameAs::other;
  return write_all(kOpenerControlFd, std::as_bytes(std::span(&answer, 1)), "control");
}

Status answer_tags(Source& source) {
  const auto tags = source.tags();
  std::string text;
  for (const std::string& tag : tags.value_or(std::vector<std::string>())) text += tag + "\n";
  TagsReport report;
  report.known = tags && text.size() <= kMaxTags ? 1 : 0;
  report.size = report.known != 0 ? static_cast<std::uint32_t>(text.size()) : 0;
  SG_CHECK(write_all(kOpenerControlFd, std::as_bytes(std::span(&report, 1)), "control"));
  text.resize(report.size);
  return write_all(kOpenerControlFd, as_bytes(text), "control");
}

/// Until root wants the bytes (true) or nothing more.
bool answer_questions(Source& source) {
  std::uint8_t what = 0;
  while (read_whole(std::as_writable_bytes(std::span(&what, 1)))) {
    if (what == kStream) return true;
    std::array<char, kReferenceBytes> reference{};
    if (!read_whole(std::as_writable_bytes(std::span(reference)))) return false;
    reference.back() = '\0';
    const Status said = what == kTags ? answer_tags(source) : answer_same(source, reference.data());
    if (!said) return false;
  }
  return false;
}

int run(const PullSettings& settings) {
  const auto request = read_request();
  if (!request) return 1;
  OpenReport report;
  const std::string image = request->image.data();
  Result<std::unique_ptr<Source>> found = fail(Code::internal, "not looked for");
  if (::geteuid() != 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1) {
    report.status = OpenStatus::traceable;
  } else {
    found = find(image, settings);
    report = report_of(found, image);
  }
  if (!write_all(kOpenerControlFd, std::as_bytes(std::span(&report, 1)), "control")) return 1;
  if (!found || !answer_questions(**found)) return 0;
  const auto done = (*found)->stream([](std::span<const std::byte> piece) {
    return write_all(kOpenerDataFd, piece, "data pipe").has_value();
  });
  return done ? 0 : 1;
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  const struct rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // passwords and tokens are in memory here
  sifguard::PullSettings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--http") == 0) settings.plain_hosts.emplace_back(argv[i + 1]);
  }
  try {
    return sifguard::run(settings);
  } catch (const std::exception&) {
    return 1;
  }
}
