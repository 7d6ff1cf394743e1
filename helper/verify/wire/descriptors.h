// Descriptors with which the sandboxed programs are started, for both sides. Constants.
#pragma once

namespace sifguard {

inline constexpr int kInputFd = 3;     ///< the image, or a request; read only
inline constexpr int kOutputFd = 4;    ///< the report, or the answer
inline constexpr int kProgressFd = 5;  ///< a page of shared memory to count in; or closed

}  // namespace sifguard
