import { Component, type ReactNode } from 'react';
import { ApiFailure } from '../data/api.ts';
import { Failure } from './failure.tsx';

type ErrorBoundaryProps = { readonly children: ReactNode };

/** Shows what went wrong in place of a view that cannot be drawn: data that nobody foresaw must not blank the page. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const failure = new ApiFailure('display', String(error), { cause: error });
    return <Failure failure={failure} onRetry={() => this.setState({ error: null })} />;
  }
}
