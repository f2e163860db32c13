// Swagger UI takes whatever has "json" in its media type for JSON, and would show and send an example of several lines as
// one JSON string in quotes. Lines are shown, and sent, as they are.
const LinesAsTheyAre = {
  afterLoad() {
    const sample = this.fn.getSampleSchema;
    this.fn.getSampleSchema = (schema, mediaType, config, example) =>
      /ndjson/.test(mediaType) && typeof example === 'string' ? example : sample(schema, mediaType, config, example);
  },
};

