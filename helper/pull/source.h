// An image on a server, found but not yet fetched. The job owner's rights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/policy/image_uri.h"

namespace sifguard {

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  std::uint64_t size = 0;  ///< bytes
  std::string digest;      ///< of the content, 64 lower-case hexadecimal digits; or empty
  std::string
      validator;  ///< a value that changes when the content does, if no digest is known; or empty

  std::string named;  ///< the digest that its tag means, as ImageUri::reference; or empty

  /// Whether another reference of its repository means the same content; nullopt if that cannot be
  /// determined.
  virtual std::optional<bool> is_same_as(const std::string& /*reference*/) { return std::nullopt; }
  /// All tags of its repository; nullopt if they are not available.
  virtual std::optional<std::vector<std::string>> tags() { return std::nullopt; }

  /// Fetches the bytes. Errors: Code::temporary.
  virtual Status stream(const std::function<bool(std::span<const std::byte>)>& take) = 0;
};

/// Hosts (with port) that may be asked without TLS.
struct PullSettings {
  std::vector<std::string> plain_hosts;

  /// "https://HOST", or "http://HOST" for one of plain_hosts.
  [[nodiscard]] std::string base_of(const std::string& host) const;
};

/// Errors: Code::no_input when the image does not exist or may not be fetched, with what to do;
/// Code::temporary when the server does not answer properly.
[[nodiscard]] Result<std::unique_ptr<Source>> find_oras(const ImageUri& uri,
                                                        const PullSettings& settings);
[[nodiscard]] Result<std::unique_ptr<Source>> find_library(const ImageUri& uri,
                                                           const PullSettings& settings);
[[nodiscard]] Result<std::unique_ptr<Source>> find_https(const ImageUri& uri,
                                                         const PullSettings& settings);

}  // namespace sifguard
