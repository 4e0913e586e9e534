/** @file
 * libhar for C++17: models and streams that clean up after themselves. Header only, on har/har.h.
 *
 *     har::Model model("uci_har_student_int8.har");
 *     har::Stream stream(model);
 *     std::vector<float> samples = ...;   // 6 values a sample: acc x y z in g, gyro x y z in rad/s
 *     stream.run(samples, [](const har::Event &event) { std::cout << event.name() << '\n'; });
 *
 * What can only be a mistake (a damaged file, a wrong number of channels, time that runs backwards)
 * throws har::Error, so that an object that exists is a working one and no status can be forgotten.
 * What happens all the time does not throw: no label is due (std::optional), the queue is full (the
 * number of rows taken). Code that is built without exceptions uses har/har.h itself; after
 * construction nothing here allocates but the text of an exception.
 *
 * Models and streams move and do not copy: a stream holds a state, and a second owner of a model is
 * asked for by share(). A model may be used by any number of threads and streams at once, a stream
 * by one thread at a time. A stream keeps its model alive.
 */
#ifndef HAR_HPP
#define HAR_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "har/har.h"

namespace har {

/** A run of values that lie one after another and belong to somebody else; std::span of C++20 and
 * every container with data() and size() turn into one. */
template <typename T>
class Span {
  public:
    constexpr Span() noexcept = default;
    constexpr Span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t N>
    constexpr Span(T (&values)[N]) noexcept : data_(values), size_(N)
    {
    }
    template <typename Container, typename = std::enable_if_t<std::is_convertible_v<
                                      decltype(std::declval<Container &>().data()), T *>>>
    constexpr Span(Container &&container) noexcept
        : data_(container.data()), size_(container.size())
    {
    }

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t i) const { return data_[i]; }

    /** The values from number `at` on; at most size(). */
    constexpr Span from(std::size_t at) const { return {data_ + at, size_ - at}; }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/** What a function of the C API refused: what() is a sentence with field, value and bound. */
class Error : public std::runtime_error {
  public:
    explicit Error(const har_error &error)
        : std::runtime_error(error.text[0] ? error.text : har_status_text(error.status)),
          error_(error)
    {
    }
    explicit Error(std::int32_t status) : Error(of(status)) {}
    Error(std::int32_t status, const char *field, std::size_t value, const char *wanted,
          std::size_t bound)
        : Error(of(status, field, value, wanted, bound))
    {
    }

    std::int32_t status() const noexcept { return error_.status; } /**< HAR_ERR_* */
    std::string_view name() const noexcept { return har_status_name(error_.status); }
    std::string_view field() const noexcept { return error_.field; }
    const har_error &record() const noexcept { return error_; }

  private:
    static har_error of(std::int32_t status)
    {
        har_error error;
        har_error_init(&error, sizeof error);
        error.status = status;
        return error;
    }
    static har_error of(std::int32_t status, const char *field, std::size_t value,
                        const char *wanted, std::size_t bound)
    {
        har_error error = of(status);
        error.value = static_cast<double>(value);
        error.bound = static_cast<double>(bound);
        std::snprintf(error.field, sizeof error.field, "%s", field);
        std::snprintf(error.text, sizeof error.text, "%s has %zu values, must have %s %zu", field,
                      value, wanted, bound);
        return error;
    }

    har_error error_;
};

namespace detail {

/** Calls a function of the C API whose last argument is its error record; gives its status, which
 * is HAR_OK or positive, or throws. */
template <typename Function, typename... Arguments>
std::int32_t call(Function function, Arguments... arguments)
{
    har_error error;
    har_error_init(&error, sizeof error);
    const std::int32_t status = function(arguments..., &error);
    if (status < 0) {
        error.status = status;
        throw Error(error);
    }
    return status;
}

/** The same for functions without a record. */
inline void check(std::int32_t status)
{
    if (status < 0) throw Error(status);
}

/** Rows of `columns` values each. Throws where the values are no whole number of rows. */
inline std::size_t rows_of(std::size_t values, std::uint32_t columns)
{
    if (columns == 0 || values % columns != 0)
        throw Error(HAR_ERR_CHANNELS, "samples", values, "whole rows of", columns);
    return values / columns;
}

/** A struct of the C API that starts with its own size. */
template <typename Struct>
Struct sized()
{
    Struct filled{};
    filled.struct_size = sizeof filled;
    return filled;
}

} // namespace detail

/** The defaults, to be changed before a model is opened: backend, instruction sets, allocator, hop.
 */
inline har_model_config model_config()
{
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    return config;
}

/** The defaults, to be changed before a stream is made: hop, queue, source, decision, reuse, arena.
 * What its pointers name must live until the stream is made, an arena as long as the stream. */
inline har_stream_config stream_config()
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    return config;
}

/** A preset of sensors, HAR_PRESET_*, for har_stream_config::source. */
inline har_source source(std::uint32_t preset)
{
    har_source filled;
    har_source_init(&filled, sizeof filled, preset);
    return filled;
}

/** One opened model file. */
class Model {
  public:
    /** Opens the file at `path`. Throws Error: HAR_ERR_FILE_*, HAR_ERR_MEMORY, HAR_ERR_VALUE. */
    explicit Model(const std::string &path) : Model(path, model_config()) {}
    Model(const std::string &path, const har_model_config &config)
    {
        detail::call(har_model_open_file, path.c_str(), &config, &model_);
    }

    /** Opens a model that lies in memory, which must stay, unchanged, as long as the model and its
     * streams; with config.copy_bytes = 1 only during the call. */
    static Model from_memory(Span<const unsigned char> bytes)
    {
        return from_memory(bytes, model_config());
    }
    static Model from_memory(Span<const unsigned char> bytes, const har_model_config &config)
    {
        Model model;
        detail::call(har_model_open_memory, bytes.data(), bytes.size(), &config, &model.model_);
        return model;
    }

    Model(Model &&other) noexcept : model_(std::exchange(other.model_, nullptr)) {}
    Model &operator=(Model &&other) noexcept
    {
        std::swap(model_, other.model_);
        return *this;
    }
    Model(const Model &) = delete;
    Model &operator=(const Model &) = delete;
    ~Model() { har_model_release(model_); }

    /** Another owner of the same model; nothing is copied. */
    Model share() const
    {
        Model other;
        other.model_ = har_model_retain(model_);
        return other;
    }

    har_model_info info() const
    {
        auto filled = detail::sized<har_model_info>();
        detail::check(har_model_get_info(model_, &filled));
        return filled;
    }

    /** A text of the card, HAR_TEXT_*; "" where the file has none. Lives as long as the model. */
    std::string_view text(std::int32_t which) const
    {
        const char *found = har_model_text(model_, which);
        if (!found) throw Error(HAR_ERR_VALUE);
        return found;
    }
    std::string_view name() const { return text(HAR_TEXT_NAME); }

    /** The names of the classes in the order of an event's scores. They live as long as the model.
     */
    std::vector<std::string_view> classes() const
    {
        std::vector<std::string_view> names;
        for (std::uint32_t i = 0, count = info().class_count; i < count; i++)
            names.emplace_back(har_model_class_name(model_, i));
        return names;
    }

    /** Channel `index` of the samples, its name, kind, unit and placement. Throws for an index that
     * is none. The texts live as long as the model. */
    har_channel_info channel(std::uint32_t index) const
    {
        auto filled = detail::sized<har_channel_info>();
        detail::check(har_model_get_channel(model_, index, &filled));
        return filled;
    }

    /** Reproduces every golden vector of the file; throws HAR_ERR_GOLDEN_MISMATCH where one is not
     * reproduced, HAR_ERR_NO_GOLDEN where there is none. */
    har_selftest selftest() const
    {
        auto report = detail::sized<har_selftest>();
        detail::call(har_model_selftest, model_, &report);
        return report;
    }

    /** The signal steps alone over a whole recording, row for row: [rows][signal_channel_count]. */
    std::vector<float> preprocess(Span<const float> samples) const
    {
        const har_model_info about = info();
        const std::size_t rows = detail::rows_of(samples.size(), about.channel_count);
        std::vector<float> output(rows * about.signal_channel_count);
        detail::call(har_preprocess, model_, samples.data(), rows, about.channel_count,
                     output.data());
        return output;
    }

    /** For functions that this header does not wrap. Owned by this object. */
    har_model *get() const noexcept { return model_; }

  private:
    Model() = default;

    har_model *model_ = nullptr;
};

/** One label. What it refers to belongs to the stream and the model: the scores stay valid until
 * the next call on the stream, names as long as the model. */
class Event {
  public:
    explicit Event(const har_event &event) noexcept : event_(event) {}

    int index() const noexcept { return event_.class_index; } /**< -1: unknown */
    bool known() const noexcept { return event_.class_index >= 0; }
    std::string_view name() const noexcept { return event_.name; }  /**< "unknown" for -1 */
    float confidence() const noexcept { return event_.confidence; } /**< 0 to 1 */
    Span<const float> scores() const noexcept { return {event_.scores, event_.score_count}; }
    bool has(std::uint32_t flag) const noexcept
    {
        return (event_.flags & flag) != 0;
    } /**< HAR_EVENT_* */
    std::int64_t start_ns() const noexcept { return event_.t_start_ns; }
    std::int64_t end_ns() const noexcept { return event_.t_end_ns; }
    const har_event &get() const noexcept { return event_; }

  private:
    har_event event_;
};

/** One source of samples on its way to labels. */
class Stream {
  public:
    /** Throws Error: HAR_ERR_VALUE, HAR_ERR_NO_NETWORK, HAR_ERR_MEMORY, HAR_ERR_ARENA_TOO_SMALL. */
    explicit Stream(const Model &model) : Stream(model, stream_config()) {}
    Stream(const Model &model, const har_stream_config &config)
    {
        const har_model_info about = model.info();
        channels_ = about.channel_count;
        signal_channels_ = about.signal_channel_count;
        detail::call(har_stream_create, model.get(), &config, &stream_);
    }

    Stream(Stream &&other) noexcept
        : stream_(std::exchange(other.stream_, nullptr)), channels_(other.channels_),
          signal_channels_(other.signal_channels_)
    {
    }
    Stream &operator=(Stream &&other) noexcept
    {
        std::swap(stream_, other.stream_);
        std::swap(channels_, other.channels_);
        std::swap(signal_channels_, other.signal_channels_);
        return *this;
    }
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;
    ~Stream() { har_stream_destroy(stream_); }

    /** Bytes that such a stream takes: the size of an arena. */
    static std::uint64_t memory_needed(const Model &model, const har_stream_config &config)
    {
        std::uint64_t bytes = 0;
        detail::call(har_stream_memory_needed, model.get(), &config, &bytes);
        return bytes;
    }

    /** Pushes rows of the model's channels, with their times or without. Gives the rows that were
     * taken from the front; fewer than there are: the queue is full, poll and push the rest.
     * Throws, and takes nothing: HAR_ERR_CHANNELS, HAR_ERR_SAMPLE_NOT_FINITE, HAR_ERR_TIME_*,
     * HAR_ERR_SOURCE, HAR_ERR_FLUSHED, HAR_ERR_ROWS (other than one time a row). */
    std::size_t push(Span<const float> samples, Span<const std::int64_t> times_ns = {})
    {
        const std::size_t rows = detail::rows_of(samples.size(), channels_);
        std::size_t taken = 0;
        detail::call(har_push_samples, stream_, samples.data(), rows, channels_,
                     times_of(times_ns, rows), &taken);
        return taken;
    }

    /** Pushes readings of one sensor of the stream's source, `columns` values each; else as push.
     */
    std::size_t push_sensor(std::uint32_t sensor, Span<const float> values, std::uint32_t columns,
                            Span<const std::int64_t> times_ns)
    {
        const std::size_t rows = detail::rows_of(values.size(), columns);
        std::size_t taken = 0;
        detail::call(har_push_sensor, stream_, sensor, values.data(), rows, columns,
                     times_of(times_ns, rows), &taken);
        return taken;
    }

    /** The next label, or nothing where no window is due. */
    std::optional<Event> poll()
    {
        auto event = detail::sized<har_event>();
        if (detail::call(har_poll_label, stream_, &event) != HAR_OK) return std::nullopt;
        return Event(event);
    }

    /** Pushes all of `samples` and hands every label on its way to `on_event`. */
    template <typename Function>
    void run(Span<const float> samples, Function &&on_event)
    {
        for (std::size_t at = 0; at < samples.size();) {
            at += push(samples.from(at)) * channels_;
            while (std::optional<Event> event = poll()) on_event(*event);
        }
    }

    /** One window to which the signal steps were applied already, [window][signal_channel_count];
     * queue and decision stay as they are. */
    Event classify(Span<const float> window)
    {
        auto event = detail::sized<har_event>();
        detail::call(har_classify_window, stream_, window.data(),
                     detail::rows_of(window.size(), signal_channels_), signal_channels_, &event);
        return Event(event);
    }

    /** The recording has ended. False: the queue is full; poll, then flush again. */
    bool flush() { return detail::call(har_stream_flush, stream_) == HAR_OK; }

    /** Back to the state after construction. */
    void reset() { detail::call(har_stream_reset, stream_); }

    har_stream_counters counters() const
    {
        auto filled = detail::sized<har_stream_counters>();
        detail::check(har_stream_get_counters(stream_, &filled));
        return filled;
    }

    /** For functions that this header does not wrap. Owned by this object. */
    har_stream *get() const noexcept { return stream_; }

  private:
    static const std::int64_t *times_of(Span<const std::int64_t> times_ns, std::size_t rows)
    {
        if (!times_ns.empty() && times_ns.size() != rows)
            throw Error(HAR_ERR_ROWS, "times_ns", times_ns.size(), "one for each row,", rows);
        return times_ns.empty() ? nullptr : times_ns.data();
    }

    har_stream *stream_ = nullptr;
    std::uint32_t channels_ = 0;
    std::uint32_t signal_channels_ = 0;
};

} // namespace har

#endif /* HAR_HPP */
