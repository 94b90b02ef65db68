/** The `error` object of an OpenAI answer (https://platform.openai.com/docs/guides/error-codes). */
export type ErrorBody = {
  readonly message: string;
  readonly type: 'invalid_request_error' | 'server_error' | 'requests';
  readonly param: string | null;
  readonly code: string | null;
};

/** A refusal in the vendor's own words: HTTP status and error object. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }
}

/** 400 for a request that names a wrong or missing parameter. */
export function createBadRequest(message: string, param: string | null = null, code: string | null = null): ApiError {
  return new ApiError(400, { message, type: 'invalid_request_error', param, code });
}

/** 400 `missing_required_parameter`. */
export function createMissingParameter(param: string): ApiError {
  return createBadRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

/** 404 `model_not_found`, also for a model of another kind. */
export function createModelNotFound(model: string): ApiError {
  return new ApiError(404, {
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    type: 'invalid_request_error',
    param: null,
    code: 'model_not_found',
  });
}
